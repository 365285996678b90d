"""Event definitions, and the messages, signals, errors and escalations that they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_runtime.bpmn import names, namespaces
from workflow_runtime.bpmn.extensions import extensions_of
from workflow_runtime.bpmn.model import EventDefinition, EventKind, Message, Timer, TimerKind
from workflow_runtime.bpmn.xml import children, text_of

_REFERENCES = {
    EventKind.MESSAGE: "messageRef",
    EventKind.SIGNAL: "signalRef",
    EventKind.ERROR: "errorRef",
    EventKind.ESCALATION: "escalationRef",
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What stands at the top of a file for events to refer to, each by id."""

    messages: Mapping[str, Message]
    signals: Mapping[str, str | None]
    codes: Mapping[str, tuple[str | None, str | None]]

    def message(self, reference: str | None) -> Message | None:
        """The message that a ``messageRef`` names."""
        return self.messages.get(local_id(reference))


def local_id(reference: str | None) -> str:
    """The id in a reference, which the schema allows to carry a prefix."""
    return (reference or "").strip().rpartition(":")[2]


def catalogue(root: Any) -> Catalogue:
    """The messages, signals, errors and escalations that a file defines."""
    found = list(children(root, namespaces.BPMN))
    return Catalogue(
        {node.get("id", ""): _message(node) for tag, node in found if tag == "message"},
        {node.get("id", ""): node.get("name") for tag, node in found if tag == "signal"},
        {
            node.get("id", ""): (node.get("name"), node.get(f"{tag}Code"))
            for tag, node in found
            if tag in {"error", "escalation"}
        },
    )


def _message(node: Any) -> Message:
    key = extensions_of(node).correlation_key()
    return Message(node.get("id", ""), node.get("name"), key, node.line)


def event_definitions(node: Any, known: Catalogue) -> tuple[EventDefinition, ...]:
    """The event definitions of an event, in document order."""
    return tuple(
        _definition(tag, child, known)
        for tag, child in children(node, namespaces.BPMN)
        if tag in names.EVENTS
    )


def _definition(tag: str, node: Any, known: Catalogue) -> EventDefinition:
    kind = names.EVENTS[tag]
    reference = node.get(_REFERENCES[kind]) if kind in _REFERENCES else None
    target = local_id(reference)
    name, code = known.codes.get(target, (None, None))
    return EventDefinition(
        kind=kind,
        tag=tag,
        ref=reference,
        message=known.message(reference) if kind is EventKind.MESSAGE else None,
        timer=_timer(node) if kind is EventKind.TIMER else None,
        name=_name(kind, node, known.signals.get(target), name),
        code=code,
        line=node.line,
    )


def _name(kind: EventKind, node: Any, signal: str | None, name: str | None) -> str | None:
    if kind is EventKind.LINK:
        found: str | None = node.get("name")
        return found
    return signal if kind is EventKind.SIGNAL else name


def _timer(node: Any) -> Timer | None:
    # A definition of two forms counts as one of none; the engine takes neither.
    found = [
        Timer(kind, text_of(child) or "")
        for kind in TimerKind
        for child in node.findall(f"{namespaces.BPMN}{kind.value}")
    ]
    return found[0] if len(found) == 1 else None
