"""Diagrams in a few lines of text, made into BPMN files.

One element a line, ``KIND ID attribute=value flag``; what is inside a scope is indented below it;
``a -> b -> c if =x > 1`` and ``a -> b default`` are sequence flows. Names that a broker keeps for
everybody (process ids, job types, messages, signals) get a prefix, so that scenarios never meet.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import quoteattr

TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "service": "serviceTask",
    "send": "sendTask",
    "user": "userTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "receive": "receiveTask",
    "task": "task",
    "manual": "manualTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "events": "eventBasedGateway",
    "sub": "subProcess",
    "eventsub": "subProcess",
    "call": "callActivity",
    "complex": "complexGateway",
    "transaction": "transaction",
    "adhoc": "adHocSubProcess",
}
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="conformance">'
)


@dataclass
class Shape:
    """An element as written; ``kind`` "process" for the whole."""

    kind: str
    id: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Shape] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)


@dataclass
class Flow:
    """A sequence flow as written."""

    source: str
    target: str
    condition: str = ""
    default: bool = False

    @property
    def id(self) -> str:
        return f"{self.source}_{self.target}"


def read(text: str, process_id: str) -> Shape:
    """The elements of a diagram, nested as they are indented."""
    root = Shape("process", process_id)
    open_scopes = [(-1, root)]
    for line in text.splitlines():
        if not line.strip():
            continue
        depth = len(line) - len(line.lstrip())
        while depth <= open_scopes[-1][0]:
            open_scopes.pop()
        scope = open_scopes[-1][1]
        if " -> " in line:
            scope.flows += _flows(line.strip())
        else:
            shape = _shape(line)
            scope.inside.append(shape)
            open_scopes.append((depth, shape))
    return root


def _shape(line: str) -> Shape:
    kind, identifier, *rest = shlex.split(line)
    if kind not in TAGS:
        raise ValueError(f"{kind!r} is no kind of element: {line.strip()}")
    pairs = (part.partition("=") for part in rest)
    return Shape(kind, identifier, {name: value for name, _, value in pairs})


def _flows(line: str) -> list[Flow]:
    chain, _, condition = line.partition(" if ")
    default = chain.endswith(" default")
    names = chain.removesuffix(" default").split(" -> ")
    return [
        Flow(source.strip(), target.strip(), condition.strip(), default)
        for source, target in pairwise(names)
    ]


def bpmn(text: str, process_id: str, prefix: str) -> bytes:
    """The BPMN file of one diagram; ``prefix`` goes before shared names."""
    return Writer(prefix).document(read(text, prefix + process_id)).encode()


class Writer:
    """Writes one file; collects the messages, errors and the like that stand beside processes."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.shared: dict[str, str] = {}

    def document(self, process: Shape) -> str:
        body = f'<bpmn:process id={quoteattr(process.id)} isExecutable="true">'
        body += self._scope(process) + "</bpmn:process>"
        return HEAD + body + "".join(self.shared.values()) + "</bpmn:definitions>"

    def _scope(self, scope: Shape) -> str:
        parts = [self._element(shape, scope.flows) for shape in scope.inside]
        for flow in scope.flows:
            condition = ""
            if flow.condition:
                condition = (
                    '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
                    f"{_text(flow.condition)}</bpmn:conditionExpression>"
                )
            parts.append(
                f'<bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" '
                f'targetRef="{flow.target}">{condition}</bpmn:sequenceFlow>'
            )
        return "".join(parts)

    def _element(self, shape: Shape, flows: list[Flow]) -> str:
        tag, attributes = TAGS[shape.kind], shape.attributes
        head = f'<bpmn:{tag} id="{shape.id}"' + self._head(shape, flows)
        content = self._extensions(attributes, shape.kind)
        content += "".join(
            f"<bpmn:incoming>{flow.id}</bpmn:incoming>" for flow in flows if flow.target == shape.id
        )
        content += "".join(
            f"<bpmn:outgoing>{flow.id}</bpmn:outgoing>" for flow in flows if flow.source == shape.id
        )
        content += self._event(shape.id, attributes) if tag.endswith("Event") else ""
        content += self._loop(attributes) + self._scope(shape)
        return f"{head}>{content}</bpmn:{tag}>"

    def _head(self, shape: Shape, flows: list[Flow]) -> str:
        attributes, head = shape.attributes, ""
        default = next((f.id for f in flows if f.default and f.source == shape.id), None)
        head += f' default="{default}"' if default else ""
        if shape.kind == "eventsub":
            head += ' triggeredByEvent="true"'
        if shape.kind == "boundary":
            keeps = "false" if "passive" in attributes else "true"
            head += f' attachedToRef="{attributes["on"]}" cancelActivity="{keeps}"'
        elif shape.kind == "start" and "passive" in attributes:
            head += ' isInterrupting="false"'
        if shape.kind == "receive":
            head += f' messageRef="{self._message(attributes)}"'
        return head

    def _named(self, name: str) -> str:
        return name if name.startswith("=") else self.prefix + name

    def _extensions(self, attributes: dict[str, str], kind: str) -> str:
        parts = ""
        if "job" in attributes:
            retries = attributes.get("retries")
            more = f" retries={quoteattr(retries)}" if retries is not None else ""
            parts += (
                f"<zeebe:taskDefinition type={quoteattr(self._named(attributes['job']))}{more}/>"
            )
        parts += _many(attributes, "header.", "taskHeaders", "<zeebe:header key={} value={}/>")
        mappings = ""
        for direction, tag in (("in.", "input"), ("out.", "output")):
            for name, value in attributes.items():
                if name.startswith(direction):
                    target = name.removeprefix(direction)
                    mappings += (
                        f"<zeebe:{tag} source={quoteattr(value)} target={quoteattr(target)}/>"
                    )
        parts += f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else ""
        if kind == "call":
            parts += self._called(attributes)
        if "eval" in attributes:
            into = quoteattr(attributes["into"])
            expression = quoteattr(attributes["eval"])
            parts += f"<zeebe:script expression={expression} resultVariable={into}/>"
        parts += _many(attributes, "assign.", "", "{}={}", inline="zeebe:assignmentDefinition")
        parts += _many(attributes, "schedule.", "", "{}={}", inline="zeebe:taskSchedule")
        return f"<bpmn:extensionElements>{parts}</bpmn:extensionElements>" if parts else ""

    def _called(self, attributes: dict[str, str]) -> str:
        name = quoteattr(self._named(attributes["process"]))
        flags = "".join(
            f' {xml}="false"'
            for flag, xml in (
                ("noparent", "propagateAllParentVariables"),
                ("nochild", "propagateAllChildVariables"),
            )
            if flag in attributes
        )
        return f"<zeebe:calledElement processId={name}{flags}/>"

    def _event(self, owner: str, attributes: dict[str, str]) -> str:
        for kind in ("duration", "date", "cycle"):
            if f"timer.{kind}" in attributes:
                tag = f"time{kind.capitalize()}"
                value = _text(attributes[f"timer.{kind}"])
                inner = f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{value}</bpmn:{tag}>'
                return f"<bpmn:timerEventDefinition>{inner}</bpmn:timerEventDefinition>"
        if "message" in attributes and "job" in attributes:
            return "<bpmn:messageEventDefinition/>"
        if "message" in attributes:
            return f'<bpmn:messageEventDefinition messageRef="{self._message(attributes)}"/>'
        for kind, key in (
            ("signal", "name"),
            ("error", "errorCode"),
            ("escalation", "escalationCode"),
        ):
            if kind in attributes:
                return self._thrown(kind, key, attributes[kind])
        if "link" in attributes:
            name = quoteattr(attributes["link"])
            return f'<bpmn:linkEventDefinition id="{owner}_link" name={name}/>'
        return _plain_event(attributes)

    def _message(self, attributes: dict[str, str]) -> str:
        name, key = self._named(attributes["message"]), attributes.get("key")
        extension = ""
        if key is not None:
            extension = (
                "<bpmn:extensionElements><zeebe:subscription "
                f"correlationKey={quoteattr(key)}/></bpmn:extensionElements>"
            )
        xml = f"name={quoteattr(name)}>{extension}</bpmn:message>"
        return self._share("message", f"{name}|{key}", xml)

    def _thrown(self, kind: str, key: str, value: str) -> str:
        if kind != "signal" and not value:
            return f"<bpmn:{kind}EventDefinition/>"
        name = self._named(value) if kind == "signal" else value
        reference = self._share(kind, name, f"{key}={quoteattr(name)}></bpmn:{kind}>")
        return f'<bpmn:{kind}EventDefinition {kind}Ref="{reference}"/>'

    def _share(self, kind: str, name: str, xml: str) -> str:
        known = [key for key in self.shared if key.startswith(f"{kind} ")]
        key = f"{kind} {name}"
        identifier = f"{kind}_{known.index(key) if key in known else len(known)}"
        self.shared.setdefault(key, f'<bpmn:{kind} id="{identifier}" {xml}')
        return identifier

    def _loop(self, attributes: dict[str, str]) -> str:
        if "each" not in attributes:
            return ""
        pairs = {
            "inputCollection": attributes["each"],
            "inputElement": attributes.get("item"),
            "outputCollection": attributes.get("collect"),
            "outputElement": attributes.get("result"),
        }
        written = " ".join(f"{k}={quoteattr(v)}" for k, v in pairs.items() if v)
        until = attributes.get("until")
        condition = (
            '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">'
            f"{_text(until)}</bpmn:completionCondition>"
            if until
            else ""
        )
        sequential = ' isSequential="true"' if "sequential" in attributes else ""
        return (
            f"<bpmn:multiInstanceLoopCharacteristics{sequential}><bpmn:extensionElements>"
            f"<zeebe:loopCharacteristics {written}/></bpmn:extensionElements>"
            f"{condition}</bpmn:multiInstanceLoopCharacteristics>"
        )


_BARE = ("terminate", "cancel", "compensate")


def _plain_event(attributes: dict[str, str]) -> str:
    if "condition" in attributes:
        text = _text(attributes["condition"])
        inner = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{text}</bpmn:condition>'
        return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"
    return "".join(f"<bpmn:{kind}EventDefinition/>" for kind in _BARE if kind in attributes)


def _many(attributes: dict[str, str], start: str, around: str, form: str, inline: str = "") -> str:
    found = {k.removeprefix(start): v for k, v in attributes.items() if k.startswith(start)}
    if not found:
        return ""
    if inline:
        return f"<{inline} {' '.join(form.format(k, quoteattr(v)) for k, v in found.items())}/>"
    inner = "".join(form.format(quoteattr(k), quoteattr(v)) for k, v in found.items())
    return f"<zeebe:{around}>{inner}</zeebe:{around}>"


def _text(value: str | None) -> str:
    return (value or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
