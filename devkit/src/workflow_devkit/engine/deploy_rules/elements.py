"""What an element must have and be (``ZeebeDesignTimeValidators``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow_devkit.engine.deploy_rules.refusal import Breach
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

EVENT_SUB_PROCESS_STARTS = ("timer", "message", "error", "signal", "escalation")
"""What an event sub-process may wait for."""


def file(node: Any, _: Model) -> Iterator[Breach]:
    """A file has at least one executable process (semantics#deployment-elements)."""
    processes = of_type(node, "process")
    if not any(flag(process.get("isExecutable"), default=False) for process in processes):
        yield Breach("no-executable-process", {"count": len(processes)}, processes[:1])


def supported(node: Any, _: Model) -> Iterator[Breach]:
    """Refuses elements that the engine does not run (semantics#deployment-elements)."""
    tag = local_name(node)
    if names.KINDS.get(tag) is Kind.UNSUPPORTED:
        yield Breach("element-not-supported", {"type": f"{tag[0].upper()}{tag[1:]}", "tag": tag})


def unconditional(node: Any, model: Model) -> Iterator[Breach]:
    """Flows out of elements that do not choose have no condition (semantics#exclusive-gateway)."""
    leaving = model.flows(node, "outgoing")
    if found := [flow for flow in leaving if of_type(flow, "conditionExpression")]:
        yield Breach("condition-elsewhere", {"source": node.get("id") or ""}, found)


def process(node: Any, _: Model) -> Iterator[Breach]:
    """A process has a start event, and at most one that waits for nothing."""
    starts = of_type(node, "startEvent")
    blank = [start for start in starts if not definitions(start)]
    if not starts:
        yield Breach("no-start-event")
    elif len(blank) > 1:
        yield Breach("several-none-start-events", {"count": len(blank)}, blank)


def sub_process(node: Any, _: Model) -> Iterator[Breach]:
    """A sub-process has one start event, which waits only in an event sub-process."""
    starts = of_type(node, "startEvent")
    # An ad-hoc sub-process needs none; it is refused by `supported`.
    if not starts and local_name(node) != "adHocSubProcess":
        yield Breach("sub-process-without-start")
    if len(starts) > 1 and local_name(node) != "adHocSubProcess":
        yield Breach("several-sub-process-starts", {"count": len(starts)})
    # The validator looks at the first start event only.
    if starts and triggered(node):
        yield from _event_start(starts[0])
    elif starts and definitions(starts[0]):
        yield Breach("sub-process-start-not-none", at=starts[:1])


def _event_start(start: Any) -> Iterator[Breach]:
    found = definitions(start)
    if not found:
        yield Breach("event-sub-process-start-none", at=[start])
    for definition in found:
        if not any(is_a(definition, kind) for kind in EVENT_SUB_PROCESS_STARTS):
            yield Breach("event-sub-process-start-kind", event_facts(start, definition), [start])
    interrupting = flag(start.get("isInterrupting"), default=True)
    for definition in found:
        yield from interruption(start, definition, interrupting=interrupting)


def event_facts(event: Any, definition: Any) -> dict[str, str]:
    """The tags of an event and of what it waits for, or throws."""
    return {"tag": local_name(event), "event": local_name(definition)}


def interruption(event: Any, definition: Any, *, interrupting: bool) -> Iterator[Breach]:
    """Which events may interrupt, and which need not (semantics#timer-cycle-passive)."""
    stays = any(is_a(definition, k) for k in ("message", "timer", "signal", "escalation"))
    if not interrupting and not stays:
        yield Breach("must-interrupt", event_facts(event, definition), [event])
    if interrupting and is_a(definition, "timer") and of_type(definition, "timeCycle"):
        yield Breach("interrupting-cycle", {"tag": local_name(event)}, [event])


def default_flow(node: Any, model: Model) -> Iterator[Breach]:
    """A gateway's default flow is one of its own."""
    default = model.referred(node, "default")
    if default is not None and model.referred(default, "sourceRef") is not node:
        facts = {"flow": node.get("default"), "source": default.get("sourceRef")}
        yield Breach("default-flow-of-another", facts)


def inclusive(node: Any, model: Model) -> Iterator[Breach]:
    """Inclusive gateways only fork (semantics#inclusive-gateway)."""
    yield from default_flow(node, model)
    if len(model.flows(node, "incoming")) > 1:
        yield Breach("inclusive-join")


_CONDITIONS = {
    "exclusiveGateway": "exclusive-flow-without-condition",
    "inclusiveGateway": "inclusive-flow-without-condition",
}


def flow(node: Any, model: Model) -> Iterator[Breach]:
    """A flow out of a gateway that chooses has a condition, or is the default."""
    source = model.referred(node, "sourceRef")
    rule = None if source is None else _CONDITIONS.get(local_name(source))
    if source is None or rule is None or of_type(node, "conditionExpression"):
        return
    # A single flow is taken as it is.
    if len(model.flows(source, "outgoing")) > 1 and model.referred(source, "default") is not node:
        yield Breach(rule, {"source": source.get("id") or ""})


def exactly_one(name: str, broken: str) -> Any:
    """Rule: one zeebe extension element of a name; ``broken`` is what it is called."""

    def rule(node: Any, _: Model) -> Iterator[Breach]:
        count = len(extensions(node, name))
        if count != 1:
            yield Breach(broken, {"extension": name, "count": count})

    return rule


def either(first: str) -> Any:
    """Rule: one of two zeebe extension elements."""

    def rule(node: Any, _: Model) -> Iterator[Breach]:
        count = len(extensions(node, first)) + len(extensions(node, "taskDefinition"))
        if count != 1:
            yield Breach("not-one-implementation", {"extension": first, "count": count})

    return rule


def present(broken: str, *attributes: str) -> Any:
    """Rule: attributes that a zeebe element must have; ``broken`` is what it is called."""

    def rule(node: Any, _: Model) -> Iterator[Breach]:
        for name in attributes:
            if attribute(node, name) is None:
                yield Breach(broken, {"attribute": name})

    return rule


def loop(node: Any, model: Model) -> Iterator[Breach]:
    """``zeebe:loopCharacteristics``: output collection and element go together."""
    yield from present("loop-without-collection", "inputCollection")(node, model)
    pair = ("outputCollection", "outputElement")
    for name, other in (pair[::-1], pair):
        if attribute(node, other) and not attribute(node, name):
            yield Breach("loop-output-incomplete", {"attribute": name, "other": other})


def receive(node: Any, model: Model) -> Iterator[Breach]:
    """A receive task has a message, another than its boundary events."""
    message = model.referred(node, "messageRef")
    if message is None:
        yield Breach("no-message")
        return
    hosted = model.boundaries.get(node.get("id") or "", [])
    found = [d for event in hosted for d in definitions(event) if is_a(d, "message")]
    others = [m for d in found if (m := model.referred(d, "messageRef")) is not None]
    name = attribute(message, "name")
    if any(attribute(other, "name") == name for other in others):
        yield Breach("message-also-at-boundary", {"name": name})


def form(node: Any, _: Model) -> Iterator[Breach]:
    """``zeebe:formDefinition``: by id or by key."""
    if bool((node.get("formKey") or "").strip()) == bool((node.get("formId") or "").strip()):
        yield Breach("not-one-form")


def not_run(sentence: str) -> Any:
    """Rule: what a broker runs, but this engine does not."""

    def rule(_: Any, __: Model) -> Iterator[Breach]:
        yield Breach("not-run", {"what": sentence})

    return rule
