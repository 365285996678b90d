"""What a deployment refuses, in lint's words: with the remedy, and the place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow_devkit.engine.clock import SystemClock
from workflow_devkit.engine.deploy_rules import (
    Place,
    Refusal,
    refused_elements,
    straight_loops,
)
from workflow_devkit.lint.advice import ADVICE, SILENT, Text
from workflow_devkit.lint.position import Source
from workflow_devkit.lint.problem import Found, Problem
from workflow_devkit.lint.words import where
from workflow_runtime.bpmn.model import Definitions, Flaw


def found_in(root: Any, definitions: Definitions, source: Source) -> Found:
    """Why a deployment would refuse a file, each reason once.

    Args:
        root: the ``bpmn:definitions``.
        definitions: what the parser made of it.
        source: the text of the file, to look up where an expression stands.
    """
    found: Found = {}
    if definitions.flaws:
        found["schema"] = [_schema(flaw) for flaw in definitions.flaws]
    for refusal in _refusals(root, definitions):
        if refusal.rule not in SILENT:
            problems = found.setdefault(ADVICE[refusal.rule].rule, [])
            # Two deploy rules may mean the same: an event that is not run breaks that of its
            # definition and that of its place.
            problems.extend(each for each in _problems(refusal, source) if each not in problems)
    _only_not_run(found)
    return found


def _schema(flaw: Flaw) -> Problem:
    return Problem(flaw.element or "", "", flaw.line, flaw.message, flaw.remedy)


def _refusals(root: Any, definitions: Definitions) -> Iterator[Refusal]:
    # Timers of start events are computed at deploy, and may ask for now() (semantics#timer-start).
    # A broker tells of the run-time rules only where the others are kept; here both are told.
    for element in refused_elements(root, SystemClock()):
        yield from element.design
        yield from element.run_time
        if any(refusal.rule == "no-executable-process" for refusal in element.design):
            # A drawing is not meant to be run: how it would run says nothing.
            return
    yield from straight_loops({process.id: process for process in definitions.executable()})


def _problems(refusal: Refusal, source: Source) -> Iterator[Problem]:
    advice = ADVICE[refusal.rule]
    facts = {**refusal.facts, "where": where(refusal)}
    written, start = _written(refusal)
    facts["column"] = start[1]
    message = _text(advice.message, refusal, facts)
    remedy = _text(advice.remedy, refusal, facts)
    for place in refusal.places:
        line, column = _line_and_column(place, written, start, source)
        yield Problem(place.element, place.name, line, message, remedy, column)


def _text(text: Text, refusal: Refusal, facts: dict[str, Any]) -> str:
    return text.format_map(facts) if isinstance(text, str) else text(refusal)


def _written(refusal: Refusal) -> tuple[str, tuple[int, int]]:
    """The expression as it stands in the file, and the line and column in it that are meant."""
    error, text = refusal.facts.get("error"), refusal.facts.get("text", "")
    if refusal.rule == "expression-static":
        return text, (1, 1)
    if error is None:
        return "", (1, 0)
    # FEEL does not see the = in front, which moves what is in the first line.
    return f"={text}", (error.line, error.column + (error.line == 1))


def _line_and_column(
    place: Place, written: str, start: tuple[int, int], source: Source
) -> tuple[int, int]:
    found = source.locate(place.element, written, start) if written else None
    return found or (place.line, 0)


def _only_not_run(found: Found) -> None:
    """What is not run at all needs no other advice."""
    gone = {problem.element for problem in found.get("element-type", ())}
    for rule, problems in found.items() if gone else ():
        if rule != "element-type":
            problems[:] = (each for each in problems if each.element not in gone)
