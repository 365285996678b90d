"""Errors and escalations: who catches what is thrown (rules 17 and 31)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workflow_runtime.bpmn.model import EventKind, Kind
from workflow_runtime.engine.executable import Node
from workflow_runtime.engine.instances import State, Token

__all__ = ["Catcher", "find_catcher", "uncaught"]


class Catcher(NamedTuple):
    """The event that catches, and the token that it belongs to."""

    token: Token
    node: Node


def find_catcher(token: Token, kind: EventKind, code: str) -> Catcher | None:
    """From a token up through its scopes and callers: the exact code before one for all."""
    for level in _levels(token):
        candidates = [n for n in _events(level) if n.event_kind is kind and _open(level, n)]
        for wanted in (code, ""):
            for node in candidates:
                if _code(node) == wanted:
                    return Catcher(level, node)
    return None


def uncaught(token: Token, kind: EventKind, code: str, message: str = "") -> str:
    """What the incident says when nobody catches an error."""
    known: dict[str, None] = {}
    for level in _levels(token):
        for node in _events(level):
            if node.event_kind is kind:
                known[_code(node)] = None
    what = "an error" if kind is EventKind.ERROR else "an escalation"
    told = f" with message '{message}'" if message else ""
    text = f"Expected to throw {what} event with the code '{code}'{told}, but it was not caught."
    if not known:
        return text + " No error events are available in the scope."
    return text + f" Available error events are [{', '.join(known)}]"


def _levels(token: Token | None) -> Iterator[Token]:
    while token is not None:
        yield token
        token = token.parent if token.parent is not None else token.instance.caller


def _events(level: Token) -> Iterator[Node]:
    yield from level.node.boundaries
    for sub_process in level.node.event_sub_processes:
        if sub_process.start is not None:
            yield sub_process.start


def _open(level: Token, node: Node) -> bool:
    return level.state is State.ACTIVATED or node.kind is Kind.BOUNDARY_EVENT


def _code(node: Node) -> str:
    return str(node.code.static or "") if node.code is not None else ""
