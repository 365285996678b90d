"""Lints files: reads each, asks every rule that is on, and sorts the findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from workflow_devkit.findings import Finding, Severity, in_order
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.options import Options, Profile
from workflow_devkit.lint.position import Source
from workflow_devkit.lint.problem import Problem
from workflow_devkit.lint.refused import found_in
from workflow_devkit.lint.rule import Rule, nothing
from workflow_devkit.lint.rules import RULES
from workflow_runtime.bpmn.model import Definitions
from workflow_runtime.bpmn.outline import load_bpmn
from workflow_runtime.bpmn.parser import read
from workflow_runtime.bpmn.unreadable import UnreadableDiagram


def lint_files(
    files: Iterable[Path], options_of: Callable[[Path], Options], only: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Lints files; ``only`` names the rules to report, empty means all.

    A file that cannot be read is one finding, the others are linted all the same.
    """
    found: list[Finding] = []
    owners: dict[str, str] = {}
    for file in files:
        options = options_of(file)
        found += _lint_file(file, options, owners)
    return in_order(finding for finding in found if not only or finding.rule in only)


def lint(content: bytes, name: str, options: Options | None = None) -> tuple[Finding, ...]:
    """Lints one file that is in memory.

    Args:
        content: the text of the file.
        name: what findings call it.
        options: how to judge it.

    Raises:
        DiagramError: it is no BPMN diagram at all.
    """
    return _lint(_read(content, name, options or Options()))


def refusals(content: bytes, name: str) -> tuple[Finding, ...]:
    """Why a broker would not take a file; empty when it would.

    Args:
        content: the text of the file.
        name: what findings call it.

    Raises:
        DiagramError: it is no BPMN diagram at all.
    """
    # The profile does not matter: what a broker refuses, it refuses in each.
    context = _read(content, name, Options(Profile.ZEEBE))
    return in_order(
        _finding(name, RULES[rule], problem, Severity.ERROR)
        for rule, problems in context.refused.items()
        for problem in problems
    )


def _read(content: bytes, name: str, options: Options) -> LintContext:
    root = load_bpmn(content, name)
    # No rule looks at the layout, which takes a quarter of the time to read.
    definitions = read(root, content, name, drawn=False)
    source = Source(content)
    return LintContext(definitions, options, source, found_in(root, definitions, source))


def _lint(context: LintContext) -> tuple[Finding, ...]:
    return in_order(
        _finding(context.definitions.resource, rule, problem, level)
        for rule, level in _enabled(context)
        for problem in (*context.refused.get(rule.name, ()), *rule.check(context))
    )


def _lint_file(file: Path, options: Options, owners: dict[str, str]) -> Iterator[Finding]:
    name = str(file)
    try:
        content = file.read_bytes()
        context = _read(content, name, options)
    # `strerror` leaves the path out, which the finding has anyway.
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        fault = UnreadableDiagram(name, 0, reason, "check its path and its rights")
        yield from _unreadable(fault, options)
        return
    except UnreadableDiagram as fault:
        yield from _unreadable(fault, options)
        return
    yield from _lint(context)
    yield from _owned_elsewhere(context.definitions, options, owners)


def _unreadable(fault: UnreadableDiagram, options: Options) -> Iterator[Finding]:
    level = _level(RULES["unreadable"], options)
    if level is not None:
        yield Finding(fault.file, fault.line, "unreadable", level, fault.message, fault.remedy)


def _owned_elsewhere(
    definitions: Definitions, options: Options, owners: dict[str, str]
) -> Iterator[Finding]:
    rule = RULES["duplicate-process"]
    level = _level(rule, options)
    for process in definitions.executable():
        # Deployed one after the other, the second file would become the next version of the first
        # (semantics#deployment-versions), so a broker says nothing.
        first = owners.setdefault(process.id, definitions.resource)
        if first != definitions.resource and level is not None:
            text = f"is also the id of a process in {first}"
            yield _finding(
                definitions.resource,
                rule,
                Problem(
                    process.id,
                    process.name or "",
                    process.line,
                    text,
                    "give each process an id of its own",
                ),
                level,
            )


def _enabled(context: LintContext) -> Iterator[tuple[Rule, Severity]]:
    """The rules that may say something, with their levels."""
    for rule in RULES.values():
        if rule.check is not nothing or rule.name in context.refused:
            level = _level(rule, context.options)
            if level is not None:
                yield rule, level


def _level(rule: Rule, options: Options) -> Severity | None:
    # A level that the project names holds on every profile.
    if rule.name in options.levels:
        return options.levels[rule.name]
    return rule.severity if rule.profile in {None, options.profile} else None


def _finding(file: str, rule: Rule, problem: Problem, level: Severity) -> Finding:
    return Finding(
        file,
        problem.line,
        rule.name,
        level,
        problem.message,
        problem.remedy,
        problem.element,
        problem.name,
        problem.column,
    )
