"""What a check has found in a diagram, or between a diagram and the code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Severity", "in_order"]


class Severity(StrEnum):
    """The severity of a finding: an error fails the check, the others inform."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def at_least(self, other: Severity) -> bool:
        """Whether this severity is as bad as ``other``, or worse."""
        # The members stand from the worst to the mildest.
        order = list(Severity)
        return order.index(self) <= order.index(other)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, where, and what to do about it.

    ``line`` and ``column`` start at 1; 0 where it is not known. ``element`` is the id in the
    diagram and ``name`` what people read there; both are empty for a whole file.
    """

    file: str
    line: int
    rule: str
    severity: Severity
    message: str
    remedy: str = ""
    element: str = ""
    name: str = ""
    column: int = 0

    def __str__(self) -> str:
        """The finding on one line, as logs show it."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        element = f" {self.element}:" if self.element else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{place}:{element} {self.message}{remedy} ({self.rule})"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorts findings by file, then from top to bottom."""
    return tuple(sorted(findings, key=lambda f: (f.file, f.line, f.column, f.rule, f.message)))
