"""One word of pyzeebe, and what stands in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workflow_devkit.findings import Severity

__all__ = ["DIFFERS", "NONE", "PAGE", "SAME", "Row", "Word", "table"]

PAGE: Final = "docs/how-to/migrate-from-pyzeebe.md"
"""The page that explains each word at length; its headings are the sections."""

SAME: Final = Severity.INFO
"""Another word for the same."""
DIFFERS: Final = Severity.WARNING
"""It behaves in another way, or somebody has to decide."""
NONE: Final = Severity.ERROR
"""The runtime has nothing for it."""

Row = tuple[str, Severity, str]
"""pyzeebe's word, how much work it is, and ours."""


@dataclass(frozen=True, slots=True)
class Word:
    """What becomes of a word of pyzeebe.

    Attributes:
        name: ``ZeebeWorker``, ``ZeebeClient.run_process``, ``task(timeout_ms)``.
        effort: `SAME`, `DIFFERS` or `NONE`.
        ours: what to write instead, or to do.
        section: the anchor of the heading on `PAGE`.
    """

    name: str
    effort: Severity
    ours: str
    section: str

    @property
    def shown(self) -> str:
        """The word as people know it: an argument with its sign."""
        return f"{self.name[:-1]}=…)" if self.name.endswith(")") else self.name


def table(section: str, *rows: Row) -> dict[str, Word]:
    """Makes words of the rows of one section."""
    return {name: Word(name, effort, ours, section) for name, effort, ours in rows}
