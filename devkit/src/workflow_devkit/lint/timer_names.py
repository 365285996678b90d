"""Names of timers that say another time than they have: ``Wait 10 minutes`` is no ``P10M``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_devkit.timer_texts.cron import CronError, following_by_cron
from workflow_devkit.timer_texts.spoken import Spoken, lengths_in, rhythms_in
from workflow_devkit.timer_texts.timers import Interval, parse_interval, parse_repetition
from workflow_runtime.bpmn.model import Element, Timer, TimerKind

_DAY: Final = 86_400
_NEAR: Final = 0.01
"""Lengths that differ by less count as the same."""
_ROUNDS: Final = 40
"""How many times a cron comes round until its gaps are known."""
_CONSTANT: Final = re.compile(r'=\s*(?:duration\(\s*)?"([^"]*)"\s*\)?\s*')
_MONTHS: Final = re.compile(r"(?:R\d*/)?P(5|10|15|20|25|30|40|45|50|90)M")
"""Numbers of months that nobody counts in months: of minutes they are usual."""


class _Length(NamedTuple):
    """Between how many seconds a timer may wait."""

    least: float
    most: float

    def times(self, number: int) -> _Length:
        return _Length(self.least * number, self.most * number)

    def fits(self, spoken: Spoken) -> bool:
        near = 1 + _NEAR
        return self.least <= spoken.most * near and spoken.least <= self.most * near


def _named(context: LintContext) -> Iterator[Problem]:
    for element, timer, text in _timers(context):
        cycle = timer.kind is TimerKind.CYCLE
        spoken = lengths_in(element.name or "")
        spoken += rhythms_in(element.name or "") if cycle else []
        waits = _lengths(text, cycle=cycle) if spoken else []
        if waits and not any(length.fits(each) for each in spoken for length in waits):
            yield about(
                element,
                f"says {spoken[0].text!r}, but its timer is {text}{_in_words(text)}",
                _remedy(spoken[0]),
            )


def _months(context: LintContext) -> Iterator[Problem]:
    for element, _, text in _timers(context):
        match = _MONTHS.fullmatch(text)
        # What a name says is compared with it by the other rule.
        if match and not lengths_in(element.name or ""):
            number = match[1]
            yield about(
                element,
                f"has the timer {text}, which is {number} months",
                f"write PT{number}M if {number} minutes are meant",
            )


def _timers(context: LintContext) -> Iterator[tuple[Element, Timer, str]]:
    """Timers whose time can be read, with its text."""
    for element in context.elements:
        timer = element.event.timer if element.event else None
        text = _static(timer.text) if timer else ""
        if timer and text and timer.kind is not TimerKind.DATE:
            yield element, timer, text


def _static(text: str) -> str:
    """The text that an expression surely gives, empty where it depends on something."""
    if not text.startswith("="):
        return text.strip()
    constant = _CONSTANT.fullmatch(text)
    return constant[1] if constant else ""


def _lengths(text: str, *, cycle: bool) -> list[_Length]:
    """The lengths that a timer may be said to have; none where it cannot be read."""
    try:
        if not cycle:
            return [_length(parse_interval(text))]
        if text.startswith("R"):
            times, interval = parse_repetition(text)
            # `R3/P1D` lasts for three days.
            return [
                _length(interval).times(number) for number in range(1, min(times, 100) + 1)
            ] or [_length(interval)]
        return _gaps(text)
    except (ValueError, CronError):
        return []


def _length(interval: Interval) -> _Length:
    years, months = divmod(interval.months, 12)
    rest = interval.days * _DAY + interval.nanos / 1e9
    least = (years * 365 + months * 28) * _DAY
    most = (years * 366 + months * 31) * _DAY
    return _Length(least + rest, most + rest)


def _gaps(text: str) -> list[_Length]:
    following = following_by_cron(text)
    moment = following(0)
    gaps: set[float] = set()
    for _ in range(_ROUNDS):
        after = following(moment) if moment is not None else None
        if moment is None or after is None:
            break
        gaps.add((after - moment) / 1000)
        moment = after
    return [_Length(gap, gap) for gap in sorted(gaps)]


def _in_words(text: str) -> str:
    match = re.fullmatch(r"(?:R\d*/)?P(\d+)M", text)
    return f", which is {match[1]} months" if match else ""


def _remedy(spoken: Spoken) -> str:
    written = f"{spoken.text} is {spoken.iso}: " if spoken.iso else ""
    return f"{written}correct the timer or the name"


RULES: Final = (
    Rule("timer-name", Severity.WARNING, "A timer's name and its time say the same: 10 minutes are "
         "PT10M, not P10M.", _named),
    Rule("timer-months", Severity.INFO, "Timers of so many months are meant: P30M is 30 months, "
         "PT30M 30 minutes.", _months),
)  # fmt: skip
