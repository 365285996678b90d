"""What an element must have and be (``ZeebeDesignTimeValidators``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow_devkit.engine.deploy_rules.tree import (
    Model,
    attribute,
    definitions,
    extensions,
    is_a,
    of_type,
    triggered,
)
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.model import Kind
from workflow_runtime.bpmn.xml import flag, local_name

COVERAGE = "https://docs.camunda.io/docs/components/modeler/bpmn/bpmn-coverage/"
_START_KINDS = ("timer", "message", "error", "signal", "escalation")
_START_TEXT = (
    "Start events in event subprocesses must be one of: message, timer, error, signal or escalation"
)


def file(node: Any, _: Model) -> Iterator[str]:
    """The whole file."""
    if not any(flag(p.get("isExecutable"), default=False) for p in of_type(node, "process")):
        yield "Must contain at least one executable process"


def supported(node: Any, _: Model) -> Iterator[str]:
    """Elements that the engine does not run (semantics#deployment-elements)."""
    tag = local_name(node)
    if names.KINDS.get(tag) is Kind.UNSUPPORTED:
        yield (
            f"Elements of type '{tag[0].upper()}{tag[1:]}' are currently not supported. Please "
            f"refer to the documentation for a list of supported elements: {COVERAGE}"
        )


def unconditional(node: Any, model: Model) -> Iterator[str]:
    """Only gateways choose."""
    if any(of_type(flow, "conditionExpression") for flow in model.flows(node, "outgoing")):
        yield "Conditional sequence flows are only supported at exclusive or inclusive gateway"


def process(node: Any, _: Model) -> Iterator[str]:
    """How a process begins."""
    starts = of_type(node, "startEvent")
    if not starts:
        yield "Must have at least one start event"
    elif sum(not definitions(start) for start in starts) > 1:
        yield "Multiple none start events are not allowed"


def sub_process(node: Any, _: Model) -> Iterator[str]:
    """How a sub-process begins."""
    starts = of_type(node, "startEvent")
    if len(starts) != 1 and local_name(node) != "adHocSubProcess":
        yield "Must have exactly one start event"
    if starts and triggered(node):
        yield from _event_start(starts[0])
    elif starts and definitions(starts[0]):
        yield "Start events in subprocesses must be of type none"


def _event_start(start: Any) -> Iterator[str]:
    found = definitions(start)
    if not found:
        yield _START_TEXT
    for definition in found:
        if not any(is_a(definition, kind) for kind in _START_KINDS):
            yield _START_TEXT
    interrupting = flag(start.get("isInterrupting"), default=True)
    for definition in found:
        yield from interruption(definition, interrupting=interrupting)


def interruption(definition: Any, *, interrupting: bool) -> Iterator[str]:
    """Which events may interrupt, and which need not (semantics#timer-cycle-passive)."""
    stays = any(is_a(definition, k) for k in ("message", "timer", "signal", "escalation"))
    if not interrupting and not stays:
        yield "Non-Interrupting event of this type is not allowed"
    if interrupting and is_a(definition, "timer") and of_type(definition, "timeCycle"):
        yield "Interrupting timer event with time cycle is not allowed."


def default_flow(node: Any, model: Model) -> Iterator[str]:
    """A gateway's default flow is one of its own."""
    default = model.referred(node, "default")
    if default is not None and model.referred(default, "sourceRef") is not node:
        yield "Default flow must start at gateway"


def inclusive(node: Any, model: Model) -> Iterator[str]:
    """Inclusive gateways only fork (semantics#inclusive-gateway)."""
    yield from default_flow(node, model)
    if len(model.flows(node, "incoming")) > 1:
        yield "Currently the inclusive gateway can only have one incoming sequence flow"


_CONDITIONS = {
    "exclusiveGateway": "Must have a condition or be default flow",
    "inclusiveGateway": "Must have a condition",
}


def flow(node: Any, model: Model) -> Iterator[str]:
    """A flow out of a gateway that chooses has a condition, or is the default."""
    source = model.referred(node, "sourceRef")
    text = None if source is None else _CONDITIONS.get(local_name(source))
    if source is None or text is None or of_type(node, "conditionExpression"):
        return
    if len(model.flows(source, "outgoing")) > 1 and model.referred(source, "default") is not node:
        yield text


def exactly_one(name: str) -> Any:
    """Rule: one zeebe extension element of a name."""

    def rule(node: Any, _: Model) -> Iterator[str]:
        if len(extensions(node, name)) != 1:
            yield f"Must have exactly one 'zeebe:{name}' extension element"

    return rule


def either(first: str) -> Any:
    """Rule: one of two zeebe extension elements."""

    def rule(node: Any, _: Model) -> Iterator[str]:
        if len(extensions(node, first)) + len(extensions(node, "taskDefinition")) != 1:
            yield (
                f"Must have either one 'zeebe:{first}' or one 'zeebe:taskDefinition' "
                "extension element"
            )

    return rule


def present(*attributes: str) -> Any:
    """Rule: attributes that a zeebe element must have."""

    def rule(node: Any, _: Model) -> Iterator[str]:
        for name in attributes:
            if attribute(node, name) is None:
                yield f"Attribute '{name}' must be present and not empty"

    return rule


def loop(node: Any, model: Model) -> Iterator[str]:
    """``zeebe:loopCharacteristics``: output collection and element go together."""
    yield from present("inputCollection")(node, model)
    pair = ("outputCollection", "outputElement")
    for name, other in (pair[::-1], pair):
        if attribute(node, other) and not attribute(node, name):
            yield f"Attribute '{name}' must be present if the attribute '{other}' is set"


def receive(node: Any, model: Model) -> Iterator[str]:
    """A receive task has a message, another than its boundary events."""
    message = model.referred(node, "messageRef")
    if message is None:
        yield "Must reference a message"
        return
    hosted = model.boundaries.get(node.get("id") or "", [])
    found = [d for event in hosted for d in definitions(event) if is_a(d, "message")]
    others = [m for d in found if (m := model.referred(d, "messageRef")) is not None]
    if any(attribute(m, "name") == attribute(message, "name") for m in others):
        yield "Cannot reference the same message name as a boundary event"


def form(node: Any, _: Model) -> Iterator[str]:
    """``zeebe:formDefinition``: by id or by key."""
    if bool((node.get("formKey") or "").strip()) == bool((node.get("formId") or "").strip()):
        yield "Exactly one of the attributes 'formId, formKey' must be present and not blank"


def embedded_only(sentence: str) -> Any:
    """Rule: what a broker runs, but this engine does not."""

    def rule(_: Any, __: Model) -> Iterator[str]:
        yield f"Not run by the embedded engine: {sentence}"

    return rule
