"""Coverage in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workflow_devkit.testing._coverage.measure import DiagramCoverage, total_percent

_MOST_NAMED = 5
_ALL = "all diagrams"
"""Not TOTAL: continuous integration reads the coverage of the code from such a line."""


def write_table(diagrams: Sequence[DiagramCoverage], write: Callable[[str], None]) -> None:
    """Writes a line for each diagram, what was missed, and the total."""
    if not diagrams:
        write("no diagram was deployed in this run")
        return
    width = max(len(_ALL), *(len(diagram.path) for diagram in diagrams))
    write(f"{'diagram':<{width}}  passed  total  cover  not passed")
    for diagram in diagrams:
        missed = _missed(diagram)
        write(_row(diagram.path, width, [diagram], diagram.percent) + f"  {missed}".rstrip())
    write(_row(_ALL, width, diagrams, total_percent(diagrams)))


def _row(title: str, width: int, diagrams: Sequence[DiagramCoverage], percent: float) -> str:
    passed = sum(diagram.passed for diagram in diagrams)
    total = sum(len(diagram.parts) for diagram in diagrams)
    cover = f"{percent:.0f}%" if total else "-"
    return f"{title:<{width}}  {passed:>6}  {total:>5}  {cover:>5}"


def _missed(diagram: DiagramCoverage) -> str:
    ids = [part.id for part in diagram.missed()]
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(ids[:_MOST_NAMED]) + more
