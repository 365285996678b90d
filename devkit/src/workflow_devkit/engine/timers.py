"""Timers: durations, dates, cycles, cron (semantics#timer-values)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from workflow_devkit.engine.due_queue import DueQueue
from workflow_devkit.engine.executable import Node
from workflow_devkit.engine.expressions import EvaluationContext, Expression, explain, zeebe_type
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.record_values import timer_value
from workflow_devkit.engine.state import TimerSubscription, Token
from workflow_devkit.engine.store import Store
from workflow_devkit.feel import (
    DayTimeDuration,
    FeelDateTime,
    YearMonthDuration,
)
from workflow_devkit.timer_texts.cron import following_by_cron
from workflow_devkit.timer_texts.timers import (
    FOREVER,
    Interval,
    parse_interval,
    parse_moment,
    parse_repetition,
)
from workflow_runtime.bpmn.model import TimerKind

__all__ = ["Schedule", "Timers", "read_timer", "schedule"]

_NANOS_PER_MS = 1_000_000


class Schedule(NamedTuple):
    """When a timer fires first, how often, and when after that."""

    due: int
    repetitions: int = 1
    following: Callable[[int], int | None] | None = None


class Timers:
    """All armed timers, the next one first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._armed: dict[int, TimerSubscription] = {}
        self._queue = DueQueue(lambda _, key: key in self._armed)

    def arm(
        self, node: Node, token: Token | None, plan: Schedule, instance_key: int | None = None
    ) -> TimerSubscription:
        """Arms the timer of an event."""
        timer = TimerSubscription(self._store.next_key(), node, token, *plan)
        if instance_key is not None:
            timer.instance_key = instance_key
        self._armed[timer.key] = timer
        self._queue.add(timer.due, timer.key)
        if self._store.records.wanted:
            self._store.write("TIMER", "CREATED", timer.key, timer_value(timer))
        return timer

    def rearm(self, timer: TimerSubscription) -> TimerSubscription | None:
        """Arms the next timer of a cycle, one repetition less; None after the last.

        It follows the previous due date; where that moment is past too, it follows now
        (semantics#timer-cycle).
        """
        again = timer.repetitions == FOREVER or timer.repetitions > 1
        if timer.following is None or not again:
            return None
        now = self._store.now()
        due = timer.following(timer.due)
        if due is not None and due <= now:
            due = timer.following(now)
        if due is None:
            return None
        # FOREVER is -1, and stays what it is.
        plan = Schedule(due, max(FOREVER, timer.repetitions - 1), timer.following)
        return self.arm(timer.node, timer.token, plan, timer.instance_key)

    def take_due(self) -> TimerSubscription | None:
        """The next timer whose time has come."""
        key = self._queue.take(self._store.now())
        return None if key is None else self._armed.pop(key)

    def forget(self, timer: TimerSubscription) -> None:
        """Takes a closed timer out of those that fire."""
        self._armed.pop(timer.key, None)

    def next_due(self) -> int | None:
        """When the next timer fires."""
        return self._queue.next_due()


def schedule(node: Node, variables: EvaluationContext, now: int) -> Schedule:
    """When the timer of an event fires.

    Raises:
        Failure: its expression gives no such thing (EXTRACT_VALUE_ERROR).
    """
    assert node.timer is not None
    return read_timer(node.timer, node.timer_kind or TimerKind.DURATION, variables, now)


def read_timer(
    text: Expression, kind: TimerKind, variables: EvaluationContext, now: int
) -> Schedule:
    """When a timer with this text fires; what is past is due at once (semantics#timer-past).

    Raises:
        Failure: it is no duration, date or cycle (semantics#timer-wrong).
    """
    value, warnings = text.explained(variables)
    try:
        return _READERS[kind](value, now)
    # OverflowError: a moment beyond the calendar, of a duration of many thousand years.
    except (ValueError, OverflowError):
        message = _wrong(text, kind, value) + explain(warnings)
        raise Failure("EXTRACT_VALUE_ERROR", message) from None


def _wrong(text: Expression, kind: TimerKind, value: Any) -> str:
    if kind is TimerKind.DATE:
        if isinstance(value, str):
            return f"Invalid date-time format '{value}' for expression '{text.text}'."
        wanted = "[DATE_TIME, STRING]"
    elif isinstance(value, str):
        word = "cycle" if kind is TimerKind.CYCLE else "duration"
        return f"Invalid {word} format '{value}' for expression '{text.text}'."
    else:
        wanted = "[DURATION, PERIOD, STRING]"
    return (
        f"Expected result of the expression '{text.text}' to be one of '{wanted}', "
        f"but was '{zeebe_type(value)}'."
    )


def _duration(value: Any, now: int) -> Schedule:
    return Schedule(_as_interval(value).after(now))


def _date(value: Any, now: int) -> Schedule:
    if isinstance(value, str):
        return Schedule(parse_moment(value))
    if not isinstance(value, FeelDateTime):
        raise ValueError(f"no date-time: {value!r}")  # noqa: TRY004 - one answer for all of them
    return Schedule(value.utc_nanos // _NANOS_PER_MS)


def _cycle(value: Any, now: int) -> Schedule:
    if not isinstance(value, str):
        raise ValueError(f"no cycle: {value!r}")  # noqa: TRY004 - one answer for all of them
    if not value.startswith("R"):
        return _cron(value, now)
    times, interval = parse_repetition(value)
    return Schedule(interval.after(now), times, interval.after)


def _cron(value: str, now: int) -> Schedule:
    following = following_by_cron(value)
    due = following(now)
    # One that never comes round is due at once, and then no more.
    return Schedule(now, 0) if due is None else Schedule(due, FOREVER, following)


_READERS = {TimerKind.DURATION: _duration, TimerKind.DATE: _date, TimerKind.CYCLE: _cycle}


def _as_interval(value: Any) -> Interval:
    if isinstance(value, str):
        return parse_interval(value)
    if isinstance(value, YearMonthDuration):
        return Interval(value.months, 0, 0)
    if isinstance(value, DayTimeDuration):
        return Interval(0, 0, value.nanos)
    raise ValueError(f"no duration: {value!r}")
