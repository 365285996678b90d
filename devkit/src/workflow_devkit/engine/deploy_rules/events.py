"""What an event must have and be (``ZeebeDesignTimeValidators``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow_devkit.engine.deploy_rules.duplicates import same_names
from workflow_devkit.engine.deploy_rules.elements import either, interruption
from workflow_devkit.engine.deploy_rules.tree import (
    THROWING,
    Model,
    attribute,
    definitions,
    extensions,
    is_a,
    of_type,
    triggered,
)
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.model import EventKind
from workflow_runtime.bpmn.xml import flag, local_name

_BOUNDARY = ("timer", "message", "error", "signal", "escalation")
_END = ("error", "message", "terminate", "signal", "escalation")
_CATCH = ("message", "timer", "signal", "link")
_AWAITED = ("timer", "message", "signal")


def definition(node: Any, _: Model) -> Iterator[str]:
    """Every event definition."""
    if names.EVENTS.get(local_name(node)) is EventKind.UNSUPPORTED:
        yield "Event definition of this type is not supported"


def start(node: Any, _: Model) -> Iterator[str]:
    """A start event is of one kind."""
    if len(definitions(node)) > 1:
        yield "Start event can't have more than one type"


def boundary(node: Any, model: Model) -> Iterator[str]:
    """A boundary event belongs to an activity and leads somewhere."""
    host = model.referred(node, "attachedToRef")
    if host is None or local_name(host).endswith(("Event", "Gateway")):
        yield "Must be attached to an activity"
    if model.flows(node, "incoming"):
        yield "Cannot have incoming sequence flows"
    if not model.flows(node, "outgoing"):
        yield "Must have at least one outgoing sequence flow or association"
    found = definitions(node)
    if len(found) != 1:
        yield "Must have exactly one event definition"
    if not all(_is_one_of(d, _BOUNDARY) for d in found):
        yield "Boundary events must be one of: timer, message, error, signal, escalation"
    for each in found:
        if is_a(each, "escalation") and (host is None or local_name(host) not in _ESCALATING):
            yield (
                "An escalation boundary event should only be attached to a subprocess, or a call "
                "activity."
            )
        yield from interruption(each, interrupting=flag(node.get("cancelActivity"), default=True))


_ESCALATING = frozenset({"subProcess", "transaction", "adHocSubProcess", "callActivity"})


def end(node: Any, model: Model) -> Iterator[str]:
    """An end event leads nowhere."""
    if model.flows(node, "outgoing"):
        yield "End events must not have outgoing sequence flows to other elements."
    found = definitions(node)
    if len(found) > 1:
        yield "Must have at most one event definition"
    if not all(_is_one_of(d, _END) for d in found):
        yield (
            "End events must be one of: none, error, message, terminate, signal, escalation or "
            "compensation"
        )


def catch(node: Any, _: Model) -> Iterator[str]:
    """An intermediate catch event waits for one thing."""
    found = definitions(node)
    if len(found) != 1:
        yield "Must have exactly one event definition"
    elif not _is_one_of(found[0], _CATCH):
        yield "Event definition must be one of: message, timer, signal, or link"
    elif is_a(found[0], "timer") and not of_type(found[0], "timeDuration", "timeDate"):
        yield "Intermediate timer catch event must have either a time duration or a time date."


def throw(node: Any, model: Model) -> Iterator[str]:
    """Who throws a message is a job."""
    if any(is_a(d, "message") for d in definitions(node)):
        yield from either("publishMessage")(node, model)


def event_gateway(node: Any, model: Model) -> Iterator[str]:
    """It has at least two events, each its own (semantics#event-based-gateway)."""
    outgoing = model.flows(node, "outgoing")
    targets = [t for f in outgoing if (t := model.referred(f, "targetRef")) is not None]
    if len(outgoing) < 2:  # noqa: PLR2004 - as the sentence says
        yield "Event-based gateway must have at least 2 outgoing sequence flows."
    if not all(_is_awaited(target) for target in targets):
        yield (
            "Event-based gateway must not have an outgoing sequence flow to other elements than "
            "message/timer/signal intermediate catch events."
        )
    catches = [t for t in targets if local_name(t) == "intermediateCatchEvent"]
    yield from same_names([d for t in catches for d in definitions(t)], model)
    sources = (model.referred(f, "sourceRef") for t in targets for f in model.flows(t, "incoming"))
    if any(source is not node for source in sources):
        yield (
            "Target elements of an event gateway must not have any additional incoming sequence "
            "flows other than that from the event gateway."
        )


def _is_awaited(target: Any) -> bool:
    found = definitions(target)
    one = local_name(target) == "intermediateCatchEvent" and len(found) == 1
    return one and _is_one_of(found[0], _AWAITED)


def message_definition(node: Any, model: Model) -> Iterator[str]:
    """Who catches a message says which."""
    throws = local_name(node.getparent()) in THROWING
    if not throws and model.referred(node, "messageRef") is None:
        yield "Must reference a message"


def signal_definition(node: Any, model: Model) -> Iterator[str]:
    """A signal event says which."""
    if model.referred(node, "signalRef") is None:
        yield "Must reference a signal"


def link_definition(node: Any, _: Model) -> Iterator[str]:
    """A link has a name."""
    if attribute(node, "name") is None:
        yield "Link name must be present and not empty."


def error_definition(node: Any, model: Model) -> Iterator[str]:
    """Thrown errors have a code; those caught a constant (semantics#error-code-constant)."""
    error = model.referred(node, "errorRef")
    code = None if error is None else attribute(error, "errorCode")
    if local_name(node.getparent()) != "endEvent":
        if code is not None and code.startswith("="):
            yield "The errorCode of the error catch event is not allowed to be an expression"
    elif error is None:
        yield "Must reference an error"
    elif code is None:
        yield "ErrorCode must be present and not empty"


def escalation_definition(node: Any, model: Model) -> Iterator[str]:
    """As errors, but an escalation's code is looked at where it is defined."""
    escalation = model.referred(node, "escalationRef")
    throws = local_name(node.getparent()) in THROWING
    if escalation is None:
        if throws:
            yield "Must reference an escalation"
    elif not throws and (attribute(escalation, "escalationCode") or "").startswith("="):
        yield "The escalationCode of the escalation catch event is not allowed to be an expression"


def timer_definition(node: Any, _: Model) -> Iterator[str]:
    """A timer is of one form."""
    if len(of_type(node, "timeDate", "timeDuration", "timeCycle")) != 1:
        yield "Must be exactly one type of timer: timeDuration, timeDate or timeCycle"


def escalation(node: Any, model: Model) -> Iterator[str]:
    """An escalation that is thrown has a code."""
    thrown = any(local_name(u) in THROWING for u in model.users_of(node, "escalationRef"))
    if thrown and attribute(node, "escalationCode") is None:
        yield "EscalationCode must be present and not empty"


def message(node: Any, model: Model) -> Iterator[str]:
    """A message has a name, and a correlation key where somebody waits for it."""
    users = model.users_of(node, "messageRef")
    awaited = any(_waits(user) for user in users)
    starts = [u for u in users if local_name(u) == "startEvent" and not _waits(u)]
    if users and not awaited and len(starts) > 1:
        yield "A message cannot be referred by more than one start event"
        return
    if users and attribute(node, "name") is None:
        yield "Name must be present and not empty"
    if awaited and len(extensions(node, "subscription")) != 1:
        yield "Must have exactly one zeebe:subscription extension element"


def signal(node: Any, model: Model) -> Iterator[str]:
    """A signal that is used has a name."""
    if attribute(node, "name") is None and model.users_of(node, "signalRef"):
        yield "Name must be present and not empty"


def _waits(event: Any) -> bool:
    if local_name(event) == "startEvent":
        around = event.getparent()
        return local_name(around) == "subProcess" and triggered(around)
    return local_name(event) in {"intermediateCatchEvent", "boundaryEvent", "receiveTask"}


def _is_one_of(node: Any, kinds: tuple[str, ...]) -> bool:
    return any(is_a(node, kind) for kind in kinds)
