"""Timers: in the form that their place allows, with a text that can be a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workflow_devkit.feel import (
    FeelSyntaxError,
    evaluate,
    to_json,
)
from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.references import starts_process
from workflow_devkit.lint.rule import Rule
from workflow_devkit.timer_texts.cron import following_by_cron
from workflow_devkit.timer_texts.timers import parse_interval, parse_moment, parse_repetition
from workflow_runtime.bpmn.model import Element, EventKind, Kind, Timer, TimerKind

_SCHEDULE: Final = ("dueDate", "followUpDate")


def _timers(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if element.event_kind() is EventKind.TIMER:
            yield from _timer(element, element.event.timer if element.event else None)


def _timer(element: Element, timer: Timer | None) -> Iterator[Problem]:
    allowed = _allowed(element)
    expected = f"expected one of: {', '.join(allowed)}"
    if timer is None:
        yield about(element, "needs exactly one time", expected)
    elif timer.kind not in allowed:
        duration = timer.kind is TimerKind.DURATION
        what = f"has a {timer.kind}, which {_place(element)} may not have"
        yield about(element, what, expected, tolerated=duration)
    elif not timer.text:
        yield about(element, f"has an empty {timer.kind}", f"expected {_EXAMPLES[timer.kind]}")
    elif timer.text.startswith("="):
        yield from _computed(element, timer)
    elif not _READERS[timer.kind](timer.text):
        yield about(
            element,
            f"waits for {timer.text!r}, which is no {_WORDS[timer.kind]}",
            f"expected {_EXAMPLES[timer.kind]}, or an expression that starts with =",
        )


def _computed(element: Element, timer: Timer) -> Iterator[Problem]:
    """The engine computes when a process starts as it is deployed, without any variables."""
    if not starts_process(element):
        return
    try:
        value = evaluate(timer.text[1:], {}).value
    except FeelSyntaxError:
        return
    text = to_json(value)
    if not isinstance(text, str) or not _READERS[timer.kind](text):
        yield about(
            element,
            f"starts by {timer.text!r}, which is no {_WORDS[timer.kind]}: no variables exist "
            "before a process instance does",
            f"expected {_EXAMPLES[timer.kind]}",
        )


def _allowed(element: Element) -> tuple[TimerKind, ...]:
    inside = element.parent is not None and element.parent.kind is Kind.EVENT_SUB_PROCESS
    if element.kind is Kind.START_EVENT and not inside:
        return (TimerKind.DATE, TimerKind.CYCLE)
    repeats = element.kind in {Kind.START_EVENT, Kind.BOUNDARY_EVENT} and not element.interrupting
    once = (TimerKind.DURATION, TimerKind.DATE)
    return (*once, TimerKind.CYCLE) if repeats else once


def _place(element: Element) -> str:
    interrupts = element.kind in {Kind.START_EVENT, Kind.BOUNDARY_EVENT} and element.interrupting
    return f"an interrupting {element.tag}" if interrupts else f"an {element.tag}"


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def readable(text: str) -> bool:
        try:
            read(text)
        except (ValueError, OverflowError):
            return False
        return True

    return readable


def _cycle(text: str) -> object:
    return parse_repetition(text) if text.startswith("R") else following_by_cron(text)


is_date = _reads(parse_moment)
_READERS: Final[Mapping[TimerKind, Callable[[str], bool]]] = {
    TimerKind.DURATION: _reads(parse_interval),
    TimerKind.DATE: is_date,
    TimerKind.CYCLE: _reads(_cycle),
}
_WORDS: Final = {
    TimerKind.DURATION: "duration",
    TimerKind.DATE: "date and time",
    TimerKind.CYCLE: "cycle",
}
_EXAMPLES: Final = {
    TimerKind.DURATION: "an ISO 8601 duration such as PT15M or P1DT2H",
    TimerKind.DATE: "an ISO 8601 date and time such as 2030-01-31T09:00:00Z",
    TimerKind.CYCLE: "R3/PT1H, R/P1D, or cron with seconds first such as 0 0 9 * * MON-FRI",
}


def _schedules(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.USER_TASK):
        for name in _SCHEDULE:
            text = element.user_task.get(name, "")
            if text and not text.startswith("=") and not is_date(text):
                yield about(
                    element,
                    f"has {name} {text!r}, which is no date and time",
                    f"expected {_EXAMPLES[TimerKind.DATE]}",
                )


RULES: Final = (
    Rule("timer", Severity.ERROR, "Timers have one time of a form that their place allows, and it "
         "can be read.", _timers, refused=True),
    Rule("task-schedule", Severity.ERROR, "Due and follow-up dates can be read.", _schedules,
         refused=True),
)  # fmt: skip
