"""What was told: notices, rules that rang and lines of logs, in one form, counted by kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9a-f]{8}-[0-9a-f-]{27}|\b\d[\d.,:]*")


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that was told: when, by which channel (notice, rule, log), and by whom.

    ``head`` is the title, the rule's name with its summary, or the line; ``body`` the rest.
    """

    at: float
    channel: str
    source: str
    head: str
    body: str = ""

    @property
    def shown(self) -> str:
        """As patterns see it: ``rule WorkflowIncidents: …``."""
        return f"{self.channel} {self.head}"


def kind_of(head: str) -> str:
    """What a text is about: without the values in it."""
    return _VALUES.sub("#", head)


def most_in_a_minute(statements: Iterable[Statement]) -> tuple[int, str]:
    """How many of one kind came at most within sixty seconds from one source, and of which kind."""
    by_kind: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for each in statements:
        by_kind[each.source, kind_of(each.head)].append(each.at)
    most = (0, "")
    for (_, kind), times in by_kind.items():
        times.sort()
        first = 0
        for last, at in enumerate(times):
            while at - times[first] >= 60:
                first += 1
            most = max(most, (last - first + 1, kind))
    return most


def first_match(statements: Iterable[Statement], patterns: Iterable[str]) -> Statement | None:
    """The earliest one that one of the patterns finds."""
    found = [each for each in statements if matches(each.shown, patterns)]
    return min(found, key=lambda each: each.at, default=None)


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns finds something in a text."""
    return any(re.search(pattern, text) for pattern in patterns)
