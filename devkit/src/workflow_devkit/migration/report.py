"""A set of files: what they use of pyzeebe, and in which order it is moved."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from workflow_devkit.findings import Finding, Severity, in_order
from workflow_devkit.migration.knowledge import Knowledge
from workflow_devkit.migration.python_files import SourceFile, Unreadable, read_file
from workflow_devkit.migration.reading import Module, read_module
from workflow_devkit.migration.roles import Registration, Roles
from workflow_devkit.migration.uses import Uses
from workflow_devkit.migration.word import DIFFERS, NONE, PAGE, SAME

__all__ = ["HandlerToMove", "MigrationReport", "migration_report"]


@dataclass(frozen=True, slots=True)
class HandlerToMove:
    """A handler of pyzeebe's, where it is, and how much of it is more than another word."""

    task_type: str
    file: str
    line: int
    effort: Severity


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What was found.

    Attributes:
        findings: the words of pyzeebe, by file and line.
        unreadable: files that could not be read.
        handlers: by file and line.
        files: how many were read.
    """

    findings: tuple[Finding, ...]
    unreadable: tuple[Finding, ...]
    handlers: tuple[HandlerToMove, ...]
    files: int

    def order(self) -> tuple[str, ...]:
        """The steps of the move, each in a line; empty where nothing is to be moved."""
        if not self.findings:
            return ()
        # What is imported and not used is no work of its own: it goes with the last import.
        used = (each for each in self.findings if not each.message.startswith(_IMPORTS))
        sections = {each.rule for each in used}
        steps = [
            "install the runtime beside pyzeebe, and make a builder for the same address",
            *(self._handlers(effort, how) for effort, how in _HANDLERS),
            "the decorators, as middleware" if "decorators" in sections else "",
            "the client's calls" if "the-clients-methods" in sections else "",
            "the start: worker.work() becomes builder.serve() when no handler is left"
            if "workers" in sections
            else "",
            "workflow check, the tests, then pyzeebe's last import",
        ]
        return tuple(f"{n}. {step}" for n, step in enumerate(filter(None, steps), 1))

    def _handlers(self, effort: Severity, how: str) -> str:
        found = [f"{h.task_type} ({h.file}:{h.line})" for h in self.handlers if h.effort is effort]
        return f"{how}: {', '.join(found)}" if found else ""

    def summary(self) -> tuple[str, ...]:
        """What was found, in lines for people."""
        if not self.findings:
            return ()
        counts = [f"{sum(h.effort is effort for h in self.handlers)} {how}" for effort, how in _DO]
        handlers = f"{len(self.handlers)} handlers" if len(self.handlers) != 1 else "1 handler"
        return (
            f"{handlers}: {', '.join(counts)}.",
            "In this order, one task type at a time:",
            *(f"  {step}" for step in self.order()),
            f"Each word is explained in {PAGE}; the name behind a finding is its section.",
        )


_IMPORTS = ("from ", "import ")
_DO = (
    (SAME, "by other words alone"),
    (DIFFERS, "to be looked at"),
    (NONE, "with a word that has no equivalent"),
)
_HANDLERS = (
    (SAME, "the handlers that need other words alone"),
    (DIFFERS, "those where something behaves differently"),
    (NONE, "those with a word that has no equivalent"),
)


def migration_report(
    files: Iterable[Path],
    shown: Callable[[Path], str] = str,
    advance: Callable[[], None] = lambda: None,
) -> MigrationReport:
    """Reads files and says what they use of pyzeebe; nothing is run or imported.

    Args:
        files: Python files, which may import one another.
        shown: how a file is named to people.
        advance: is called after each file.
    """
    modules, unreadable = [], []
    for path in files:
        read = read_file(path)
        if isinstance(read, SourceFile):
            modules.append(read_module(read, shown(path)))
        else:
            unreadable.append(_unreadable(read, shown(path)))
        advance()
    findings, registrations = _findings(modules)
    by_file = {file: list(found) for file, found in groupby(findings, key=lambda f: f.file)}
    handlers = sorted(
        (_handler(each, by_file) for each in registrations), key=lambda h: (h.file, h.line)
    )
    total = len(modules) + len(unreadable)
    return MigrationReport(findings, in_order(unreadable), tuple(handlers), total)


def _findings(modules: Sequence[Module]) -> tuple[tuple[Finding, ...], Sequence[Registration]]:
    knowledge = Knowledge(modules)
    roles = Roles(knowledge)
    roles.find()
    uses = Uses(knowledge, roles)
    found = {finding for module in modules for finding in uses.in_module(module)}
    return in_order(found), list(roles.registrations.values())


def _handler(each: Registration, by_file: Mapping[str, Sequence[Finding]]) -> HandlerToMove:
    places: list[tuple[ast.expr | ast.stmt, str]] = [(each.call, each.module.shown)]
    places += [(handler.node, handler.file) for handler in each.handlers]
    efforts: set[Severity] = set()
    for node, file in places:
        found = by_file.get(file, ())
        # They are in order: only those of these lines are looked at.
        first = bisect_left(found, node.lineno, key=_line)
        last = bisect_right(found, node.end_lineno or node.lineno, key=_line)
        efforts.update(finding.severity for finding in found[first:last])
    worst = next((s for s in Severity if s in efforts), SAME)
    return HandlerToMove(each.task_type, each.module.shown, each.call.lineno, worst)


def _line(finding: Finding) -> int:
    return finding.line


def _unreadable(read: Unreadable, shown: str) -> Finding:
    return Finding(shown, read.line, "unreadable", NONE, read.reason, read.remedy)
