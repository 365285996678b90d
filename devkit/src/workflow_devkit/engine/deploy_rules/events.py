"""What an event must have and be (``ZeebeDesignTimeValidators``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workflow_devkit.engine.deploy_rules.duplicates import same_names
from workflow_devkit.engine.deploy_rules.elements import (
    EVENT_SUB_PROCESS_STARTS,
    either,
    event_facts,
    interruption,
)
from workflow_devkit.engine.deploy_rules.refusal import Breach
from workflow_devkit.engine.deploy_rules.tree import (
    SUB_PROCESSES,
    THROWING,
    Model,
    attribute,
    definitions,
    extensions,
    is_a,
    of_type,
    parent,
    top,
    triggered,
)
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.events import local_id
from workflow_runtime.bpmn.model import EventKind
from workflow_runtime.bpmn.xml import flag, local_name

ALLOWED: Final[Mapping[str, Sequence[str]]] = {
    "boundaryEvent": ("timer", "message", "error", "signal", "escalation"),
    "endEvent": ("error", "message", "terminate", "signal", "escalation"),
    "intermediateCatchEvent": ("message", "timer", "signal", "link"),
    "startEvent": EVENT_SUB_PROCESS_STARTS,
}
"""What an event of this tag may be about, besides nothing; starts: of event sub-processes."""
_AWAITED = ("timer", "message", "signal")
_ESCALATING = SUB_PROCESSES | {"callActivity"}


def definition(node: Any, _: Model) -> Iterator[Breach]:
    """Refuses what events may not be about (semantics#deployment-elements)."""
    if names.EVENTS.get(local_name(node)) is EventKind.UNSUPPORTED:
        yield Breach("event-not-supported", event_facts(parent(node), node))


def start(node: Any, _: Model) -> Iterator[Breach]:
    """A start event is of one kind."""
    count = len(definitions(node))
    if count > 1:
        yield Breach("start-with-several-events", {"count": count})


def boundary(node: Any, model: Model) -> Iterator[Breach]:
    """A boundary event belongs to an activity and leads somewhere."""
    host = model.referred(node, "attachedToRef")
    # By the end of its tag: everything else that has boundary events is an activity.
    if host is None or local_name(host).endswith(("Event", "Gateway")):
        yield Breach("boundary-not-attached")
    if model.flows(node, "incoming"):
        yield Breach("boundary-incoming")
    if not model.flows(node, "outgoing"):
        yield Breach("boundary-leads-nowhere")
    found = definitions(node)
    if len(found) != 1:
        yield _not_one(node, found)
    yield from _allowed(node, found, "boundary-kind")
    for each in found:
        if is_a(each, "escalation") and (host is None or local_name(host) not in _ESCALATING):
            yield Breach("escalation-of-task", {"host": local_id(node.get("attachedToRef"))})
        interrupting = flag(node.get("cancelActivity"), default=True)
        yield from interruption(node, each, interrupting=interrupting)


def _not_one(event: Any, found: Sequence[Any]) -> Breach:
    if found:
        return Breach("not-one-event", {"count": len(found)})
    return Breach("no-event", {"tag": local_name(event), "event": "no event"})


def _allowed(event: Any, found: Sequence[Any], rule: str) -> Iterator[Breach]:
    """One sentence for an event, however many of its definitions are wrong."""
    wrong = [d for d in found if not _is_one_of(d, ALLOWED[local_name(event)])]
    if wrong:
        yield Breach(rule, event_facts(event, wrong[0]))


def end(node: Any, model: Model) -> Iterator[Breach]:
    """An end event leads nowhere."""
    if model.flows(node, "outgoing"):
        yield Breach("end-leads-on")
    found = definitions(node)
    if len(found) > 1:
        yield Breach("several-events", {"count": len(found)})
    yield from _allowed(node, found, "end-kind")


def catch(node: Any, _: Model) -> Iterator[Breach]:
    """An intermediate catch event waits for one thing."""
    found = definitions(node)
    if len(found) != 1:
        yield _not_one(node, found)
        return
    yield from _allowed(node, found, "catch-kind")
    if is_a(found[0], "timer") and not of_type(found[0], "timeDuration", "timeDate"):
        cycle = of_type(found[0], "timeCycle")
        yield Breach("catch-cycle" if cycle else "catch-without-time", {"tag": local_name(node)})


def throw(node: Any, model: Model) -> Iterator[Breach]:
    """A throw or end event of a message is done by a job (semantics#job-tasks)."""
    if any(is_a(d, "message") for d in definitions(node)):
        yield from either("publishMessage")(node, model)


def event_gateway(node: Any, model: Model) -> Iterator[Breach]:
    """It has at least two events, each its own (semantics#event-based-gateway)."""
    outgoing = model.flows(node, "outgoing")
    targets = [t for f in outgoing if (t := model.referred(f, "targetRef")) is not None]
    if len(outgoing) < 2:  # noqa: PLR2004 - as the sentence says
        yield Breach("event-gateway-flows", {"count": len(outgoing)})
    gateway = {"gateway": node.get("id") or ""}
    if wrong := [target for target in targets if not _is_awaited(target)]:
        yield Breach("event-gateway-target", gateway, wrong)
    catches = [t for t in targets if local_name(t) == "intermediateCatchEvent"]
    yield from same_names([d for t in catches for d in definitions(t)], model)
    if shared := [target for target in targets if not _only_behind(node, target, model)]:
        yield Breach("event-gateway-target-shared", gateway, shared)


def _only_behind(gateway: Any, target: Any, model: Model) -> bool:
    flows = model.flows(target, "incoming")
    return all(model.referred(flow, "sourceRef") is gateway for flow in flows)


def _is_awaited(target: Any) -> bool:
    found = definitions(target)
    one = local_name(target) == "intermediateCatchEvent" and len(found) == 1
    return one and _is_one_of(found[0], _AWAITED)


def message_definition(node: Any, model: Model) -> Iterator[Breach]:
    """A catching message event names its message; a throwing one leaves it to its worker."""
    throws = local_name(parent(node)) in THROWING
    if not throws and model.referred(node, "messageRef") is None:
        yield Breach("no-message")


def signal_definition(node: Any, model: Model) -> Iterator[Breach]:
    """A signal event names its signal, whether it catches or throws."""
    if model.referred(node, "signalRef") is None:
        yield Breach("no-signal")


def link_definition(node: Any, _: Model) -> Iterator[Breach]:
    """A link has a name."""
    if attribute(node, "name") is None:
        yield Breach("link-without-name")


def error_definition(node: Any, model: Model) -> Iterator[Breach]:
    """Thrown errors have a code; those caught a constant (semantics#error-code-constant)."""
    error = model.referred(node, "errorRef")
    code = None if error is None else attribute(error, "errorCode")
    if local_name(parent(node)) != "endEvent":
        if code is not None and code.startswith("="):
            yield Breach("error-code-computed")
    elif error is None:
        yield Breach("no-error")
    elif code is None:
        yield Breach("error-without-code", {"ref": node.get("errorRef")})


def escalation_definition(node: Any, model: Model) -> Iterator[Breach]:
    """Thrown escalations are named, and caught ones have a constant code."""
    escalation = model.referred(node, "escalationRef")
    throws = local_name(parent(node)) in THROWING
    if escalation is None:
        if throws:
            yield Breach("no-escalation")
    elif not throws and (attribute(escalation, "escalationCode") or "").startswith("="):
        yield Breach("escalation-code-computed")


def timer_definition(node: Any, _: Model) -> Iterator[Breach]:
    """A timer is of one form."""
    if len(of_type(node, "timeDate", "timeDuration", "timeCycle")) != 1:
        yield Breach("not-one-time")


def escalation(node: Any, model: Model) -> Iterator[Breach]:
    """An escalation that is thrown has a code."""
    throwing = [u for u in model.users_of(node, "escalationRef") if local_name(u) in THROWING]
    if throwing and attribute(node, "escalationCode") is None:
        yield Breach("escalation-without-code", {"ref": node.get("id")}, throwing)


def message(node: Any, model: Model) -> Iterator[Breach]:
    """A message has a name, and a correlation key where somebody waits for it."""
    users = model.users_of(node, "messageRef")
    awaited = any(_waits(user) for user in users)
    starts = [u for u in users if local_name(u) == "startEvent" and not _waits(u)]
    # Who breaks this rule is told nothing else about the message.
    if users and not awaited and len(starts) > 1:
        facts = {"name": attribute(node, "name"), "first": starts[0].get("id") or ""}
        yield Breach("message-of-several-starts", facts, starts[1:])
        return
    if users and attribute(node, "name") is None:
        yield Breach("message-without-name", {"ref": node.get("id")}, users)
    if awaited and len(extensions(node, "subscription")) != 1:
        waiting = [user for user in users if _waits(user)]
        yield Breach("message-without-subscription", message_facts(node), waiting)


def signal(node: Any, model: Model) -> Iterator[Breach]:
    """A signal that is used has a name."""
    users = model.users_of(node, "signalRef")
    if users and attribute(node, "name") is None:
        yield Breach("signal-without-name", {"ref": node.get("id")}, users)


def correlation_key(node: Any, model: Model) -> Iterator[Breach]:
    """``zeebe:subscription``: a message that is waited for is found by its key."""
    if attribute(node, "correlationKey") is None:
        named = top(node)
        waiting = [user for user in model.users_of(named, "messageRef") if _waits(user)]
        facts = {"attribute": "correlationKey", **message_facts(named)}
        yield Breach("message-without-key", facts, waiting or [named])


def message_facts(node: Any) -> dict[str, str]:
    """The name of a message, its id where it has none."""
    return {"name": attribute(node, "name") or node.get("id") or ""}


def _waits(event: Any) -> bool:
    # The start event of a process needs no key: it takes all messages of its name
    # (semantics#message-start).
    if local_name(event) == "startEvent":
        around = parent(event)
        return local_name(around) == "subProcess" and triggered(around)
    return local_name(event) in {"intermediateCatchEvent", "boundaryEvent", "receiveTask"}


def _is_one_of(node: Any, kinds: Sequence[str]) -> bool:
    return any(is_a(node, kind) for kind in kinds)
