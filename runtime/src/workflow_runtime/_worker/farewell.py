"""What a stop says: what is in hand as it begins, what it cuts off, and what became of all."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from workflow_runtime._log.job_fields import fields_of
from workflow_runtime._log.lines import write_line
from workflow_runtime._log.repeats import Again, counted
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.standing import place_in
from workflow_runtime._worker.worker_context import WorkerContext

_NAMED = 5
"""Jobs of one type that are named, and types."""


class Farewell:
    """Follows the jobs of one stop.

    Args:
        context: whose jobs.
        in_hand: the jobs as the stop begins.
        grace: seconds that handlers may go on.
    """

    def __init__(self, context: WorkerContext, in_hand: Sequence[Running], grace: float) -> None:
        self._context = context
        self._in_hand = in_hand
        self._begun = time.monotonic()
        self._grace = grace
        self._cut = self._endless = 0

    def begin(self) -> None:
        """Says what is in hand."""
        jobs = self._in_hand
        told = f"{counted(len(jobs), 'job')} in hand{_types(jobs)}"
        patience = f", up to {max(self._grace, 0):g} s for {'it' if len(jobs) == 1 else 'them'}"
        write_line("INFO", "{} stops: {}{}", self._context.name, told, patience if jobs else "")

    def cuts_off(self, running: Running) -> None:
        """Tells of a handler that the end of the grace period ends."""
        self._cut += 1
        job = running.job
        place = place_in(running)
        self._context.repeats.say(
            ("cut off", job.job_type),
            "WARNING",
            "the handler of {} is cut off after {:.1f} s of the stop: job {}, instance {}, {}{}",
            job.job_type,
            time.monotonic() - self._begun,
            job.key,
            job.instance_key,
            job.element_id,
            f", in {place}" if place else "",
            again=Again(f"{{count}} of {job.job_type} cut off by the stop", "handler"),
            fields=fields_of(self._context.name, job),
        )

    def goes_on(self, handlers: int) -> None:
        """Counts handlers that nobody can end."""
        self._endless += handlers

    def tell(self) -> None:
        """Says how the stop has ended."""
        back = self._context.handed_back
        if back:
            write_line("INFO", "handed back: {}", _keys(back))
        returned = set(back)
        own = [(each.job.job_type, each.job.key) for each in self._in_hand]
        gone = sum(
            each.ended and which not in returned
            for each, which in zip(self._in_hand, own, strict=True)
        )
        lost = len(own) - gone - len(returned.intersection(own))
        words = [
            f"{counted(gone, 'handler')} finished",
            f"{counted(self._cut, 'handler')} cut off" if self._cut else "",
            f"{counted(self._endless, 'handler')} cannot be ended" if self._endless else "",
            f"{counted(len(back), 'job')} handed back",
            f"{lost} left to {'its' if lost == 1 else 'their'} timeout" if lost else "",
        ]
        seconds = time.monotonic() - self._begun
        told = ", ".join(filter(None, words))
        write_line("INFO", "{} has stopped after {:.1f} s: {}", self._context.name, seconds, told)


def _types(jobs: Iterable[Running]) -> str:
    found = Counter(each.job.job_type for each in jobs).most_common()
    named = [f"{name} {count}" for name, count in found[:_NAMED]]
    more = [f"{len(found) - _NAMED} more types"] if len(found) > _NAMED else []
    return f" ({', '.join([*named, *more])})" if found else ""


def _keys(jobs: Iterable[tuple[str, int]]) -> str:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for name, key in jobs:
        found[name].append(key)
    told = [f"{name} {len(keys)} ({_few(keys)})" for name, keys in [*found.items()][:_NAMED]]
    more = [f"{len(found) - _NAMED} more types"] if len(found) > _NAMED else []
    return ", ".join([*told, *more])


def _few(keys: Sequence[int]) -> str:
    more = [f"{len(keys) - _NAMED} more"] if len(keys) > _NAMED else []
    return ", ".join([f"job {keys[0]}", *map(str, keys[1:_NAMED]), *more])
