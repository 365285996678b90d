"""Why the broker does not take a file, as values: who shows them finds the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

_NO_FACTS: Mapping[str, Any] = MappingProxyType({})


class Breach(NamedTuple):
    """What a rule finds at an element.

    ``rule`` is a name in `SENTENCES`, ``facts`` fill that sentence. ``at`` are the elements of the
    file that somebody has to change, None for the one that the rule was asked about.
    """

    rule: str
    facts: Mapping[str, Any] = _NO_FACTS
    at: Sequence[Any] | None = None


class Place(NamedTuple):
    """What is to be changed: the id and the name in the diagram, the line in the file.

    An id is empty for the file as a whole. Messages and signals are shown where they are used.
    """

    element: str
    name: str
    line: int


WHOLE_FILE: Final = Place("", "", 1)
"""The place of what is not about any one element."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that is broken.

    ``tag`` is that of the element which breaks it, with ``zeebe:`` in front of extensions.
    """

    rule: str
    tag: str
    facts: Mapping[str, Any]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RefusedElement:
    """An element that breaks rules.

    ``identifier`` is the broker's name for it. The broker has two sets of rules and tells of the
    first only where the second is kept: ``design`` (``ZeebeDesignTimeValidators``) and
    ``run_time`` (``ZeebeRuntimeValidators``).
    """

    identifier: str
    design: tuple[Refusal, ...]
    run_time: tuple[Refusal, ...]
