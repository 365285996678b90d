"""What a rule has to say about a file."""

from __future__ import annotations

from typing import NamedTuple

from workflow_runtime.bpmn.model import Element, SequenceFlow


class Problem(NamedTuple):
    """What a rule says: about which element, where, and what to do."""

    element: str
    name: str
    line: int
    message: str
    remedy: str
    column: int = 0


Found = dict[str, list[Problem]]
"""Problems by the names of rules."""


def about(thing: Element | SequenceFlow, message: str, remedy: str) -> Problem:
    """A problem of an element or a flow."""
    return Problem(thing.id, thing.name or "", thing.line, message, remedy)
