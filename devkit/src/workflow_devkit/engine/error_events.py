"""Errors and escalations: who catches what is thrown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workflow_devkit.engine.executable import Node
from workflow_devkit.engine.state import State, Token
from workflow_runtime.bpmn.model import EventKind, Kind

__all__ = ["EVENTS", "Catcher", "can_happen", "find_catcher", "uncaught"]


EVENTS = frozenset({Kind.END_EVENT, Kind.INTERMEDIATE_THROW_EVENT})
"""Events whose jobs throw no errors, as they are no activities (semantics#error-from-event-job)."""


class Catcher(NamedTuple):
    """The event that catches, and the token that it belongs to."""

    token: Token
    node: Node


def find_catcher(token: Token, kind: EventKind, code: str) -> Catcher | None:
    """Finds the nearest event that catches: from a token up through its scopes and callers.

    In each an event with the code comes before one for all. Only what is active and not
    interrupted is asked (``CatchEventAnalyzer``); see semantics#error-caught-by-code.
    """
    for level in _levels(token, kind):
        for node in _candidates(level, kind):
            if _code(node) in {code, ""}:
                return Catcher(level, node)
    return None


def uncaught(token: Token, code: str, message: str = "") -> str:
    """What the incident says when nobody catches an error (semantics#error-uncaught)."""
    levels = _levels(token, EventKind.ERROR)
    known = [_code(node) for level in levels for node in _candidates(level, EventKind.ERROR)]
    told = f" with message '{message}'" if message else ""
    text = f"Expected to throw an error event with the code '{code}'{told}, but it was not caught."
    if not known:
        return text + " No error events are available in the scope."
    return text + f" Available error events are [{', '.join(known)}]"


def can_happen(token: Token, node: Node) -> bool:
    """Whether a token still takes an event (``EventHandle.canTriggerElement``)."""
    if token.state is not State.ACTIVATED or (token.parent and token.parent.interruptor):
        return False
    reached = token.reached
    if reached is None:
        return True
    return reached.kind is not Kind.BOUNDARY_EVENT and node.kind is Kind.BOUNDARY_EVENT


def _levels(token: Token, kind: EventKind) -> Iterator[Token]:
    asked = _error_levels if kind is EventKind.ERROR else _escalation_levels
    lowest: Token | None = token
    while lowest is not None and lowest.state is State.ACTIVATED:
        yield from asked(lowest)
        # An error leaves its process: the call activity and its scopes are asked next.
        lowest = lowest.instance.caller


def _error_levels(level: Token | None) -> Iterator[Token]:
    while level is not None and level.state is State.ACTIVATED and level.interruptor is None:
        yield level
        level = level.parent


def _escalation_levels(level: Token) -> Iterator[Token]:
    yield level
    while level.parent and level.state is State.ACTIVATED and level.interruptor is None:
        level = level.parent
        yield level


def _candidates(level: Token, kind: EventKind) -> list[Node]:
    starts = [s.start for s in level.node.event_sub_processes if s.start is not None]
    found = [node for node in (*starts, *level.node.boundaries) if node.event_kind is kind]
    # Backwards, so that the empty code, which takes all, is asked last.
    return sorted(found, key=lambda node: _code(node).encode(), reverse=True)


def _code(node: Node) -> str:
    # Those caught are constants (semantics#error-code-constant).
    return str(node.code.static or "") if node.code is not None else ""
