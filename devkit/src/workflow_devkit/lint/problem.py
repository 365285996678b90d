"""What a rule has to say about a file."""

from __future__ import annotations

from typing import NamedTuple

from workflow_runtime.bpmn.model import Element, SequenceFlow


class Problem(NamedTuple):
    """What a rule says: about which element, where, and what to do.

    ``tolerated`` says that the engine takes the file all the same, though it refuses others that
    break the rule.
    """

    element: str
    name: str
    line: int
    message: str
    remedy: str
    column: int = 0
    tolerated: bool = False


def about(
    thing: Element | SequenceFlow, message: str, remedy: str, *, tolerated: bool = False
) -> Problem:
    """A problem of an element or a flow."""
    name, line = thing.name or "", thing.line
    return Problem(thing.id, name, line, message, remedy, tolerated=tolerated)
