"""Diagrams in a few lines of text, made into BPMN files.

One element a line, ``KIND ID attribute=value flag``, or an element in XML; what is inside a scope
is indented below it; ``a -> b -> c if =x > 1``, ``a -> b default`` and ``id: a -> b`` are sequence
flows. Names that a broker keeps for everybody (process ids, job types, messages, signals) get a
prefix, so that scenarios never meet.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from tests.support.drawing import Flow, connect, definitions, flows_in, written

from workflow_runtime.gateway.values import Resource

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
_FLOW = re.compile(r"(\w+: )?\w+ -> ")


@dataclass
class Shape:
    """An element as written. ``kind`` is "process" for the whole, "xml" if ``id`` is its XML."""

    kind: str
    id: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Shape] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)


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
        if _FLOW.match(line.strip()):
            scope.flows += flows_in(line)
        else:
            shape = _shape(line)
            scope.inside.append(shape)
            open_scopes.append((depth, shape))
    return root


def _shape(line: str) -> Shape:
    if line.lstrip().startswith("<"):
        return Shape("xml", line.strip())
    kind, identifier, *rest = shlex.split(line)
    if kind not in TAGS:
        raise ValueError(f"{kind!r} is no kind of element: {line.strip()}")
    pairs = (part.partition("=") for part in rest)
    return Shape(kind, identifier, {name: value for name, _, value in pairs})


BY_HAND_OR_MESSAGE = """
    start byHand
    start requested message=order_requested
    service pay job=order_pay
    end end
    byHand -> pay
    requested -> pay -> end
    """
"""A process ``order`` that a command starts, or the message order_requested."""


def bpmn(text: str, process_id: str, prefix: str = "") -> bytes:
    """The BPMN file of one diagram; ``prefix`` goes before shared names."""
    return Writer(prefix).document(read(text, prefix + process_id))


def resource(text: str, process_id: str, prefix: str = "") -> Resource:
    """A file for a deployment, named like its process."""
    return Resource(f"{prefix}{process_id}.bpmn", bpmn(text, process_id, prefix))


def one_task(process_id: str, task: str, job: str = "", more: str = "") -> Resource:
    """Start, a service task, end. Its jobs have the type ``process_task`` if no other is given."""
    text = f"""
start start
service {task} job={job or f"{process_id}_{task}"} {more}
end end
start -> {task} -> end
"""
    return resource(text, process_id)


class Writer:
    """Writes one file; collects the messages, errors and the like that stand beside processes."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.shared: dict[str, str] = {}

    def document(self, process: Shape) -> bytes:
        inside = "".join(map(self._element, process.inside))
        body = f'<process id={quoteattr(process.id)} isExecutable="true">{inside}</process>'
        root = definitions(body + "".join(self.shared.values()))
        _connect(root[0], process)
        return written(root)

    def _element(self, shape: Shape) -> str:
        if shape.kind == "xml":
            return shape.id
        tag, attributes = TAGS[shape.kind], shape.attributes
        content = self._extensions(attributes, shape.kind)
        content += self._event(shape.id, attributes) if tag.endswith("Event") else ""
        content += self._loop(attributes) + "".join(map(self._element, shape.inside))
        return f'<{tag} id="{shape.id}"{self._head(shape)}>{content}</{tag}>'

    def _head(self, shape: Shape) -> str:
        attributes, head = shape.attributes, ""
        if "name" in attributes:
            head += f" name={quoteattr(attributes['name'])}"
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
        return f"<extensionElements>{parts}</extensionElements>" if parts else ""

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
                inner = f'<{tag} xsi:type="tFormalExpression">{value}</{tag}>'
                return f"<timerEventDefinition>{inner}</timerEventDefinition>"
        if "message" in attributes and "job" in attributes:
            return "<messageEventDefinition/>"
        if "message" in attributes:
            return f'<messageEventDefinition messageRef="{self._message(attributes)}"/>'
        for kind, key in (
            ("signal", "name"),
            ("error", "errorCode"),
            ("escalation", "escalationCode"),
        ):
            if kind in attributes:
                return self._thrown(kind, key, attributes[kind])
        if "link" in attributes:
            name = quoteattr(attributes["link"])
            return f'<linkEventDefinition id="{owner}_link" name={name}/>'
        return _plain_event(attributes)

    def _message(self, attributes: dict[str, str]) -> str:
        name, key = self._named(attributes["message"]), attributes.get("key")
        extension = ""
        if key is not None:
            extension = (
                "<extensionElements><zeebe:subscription "
                f"correlationKey={quoteattr(key)}/></extensionElements>"
            )
        xml = f"name={quoteattr(name)}>{extension}</message>"
        return self._share("message", f"{name}|{key}", xml)

    def _thrown(self, kind: str, key: str, value: str) -> str:
        if kind != "signal" and not value:
            return f"<{kind}EventDefinition/>"
        name = self._named(value) if kind == "signal" else value
        reference = self._share(kind, name, f"{key}={quoteattr(name)}></{kind}>")
        return f'<{kind}EventDefinition {kind}Ref="{reference}"/>'

    def _share(self, kind: str, name: str, xml: str) -> str:
        known = [key for key in self.shared if key.startswith(f"{kind} ")]
        key = f"{kind} {name}"
        identifier = f"{kind}_{known.index(key) if key in known else len(known)}"
        self.shared.setdefault(key, f'<{kind} id="{identifier}" {xml}')
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
        given = " ".join(f"{k}={quoteattr(v)}" for k, v in pairs.items() if v)
        until = attributes.get("until")
        condition = (
            '<completionCondition xsi:type="tFormalExpression">'
            f"{_text(until)}</completionCondition>"
            if until
            else ""
        )
        sequential = ' isSequential="true"' if "sequential" in attributes else ""
        return (
            f"<multiInstanceLoopCharacteristics{sequential}><extensionElements>"
            f"<zeebe:loopCharacteristics {given}/></extensionElements>"
            f"{condition}</multiInstanceLoopCharacteristics>"
        )


def _connect(scope: Any, shape: Shape) -> None:
    """Adds the flows, scope by scope: what is inside one stands at its end."""
    nested = list(scope)[len(scope) - len(shape.inside) :]
    for element, inner in zip(nested, shape.inside, strict=True):
        _connect(element, inner)
    connect(scope, shape.flows)


_BARE = ("terminate", "cancel", "compensate")


def _plain_event(attributes: dict[str, str]) -> str:
    if "condition" in attributes:
        text = _text(attributes["condition"])
        inner = f'<condition xsi:type="tFormalExpression">{text}</condition>'
        return f"<conditionalEventDefinition>{inner}</conditionalEventDefinition>"
    return "".join(f"<{kind}EventDefinition/>" for kind in _BARE if kind in attributes)


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
