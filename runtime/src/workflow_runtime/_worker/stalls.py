"""Handlers that run for very long: told once, with the line where they stand, and at their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from workflow_runtime._log.job_fields import fields_of
from workflow_runtime._log.places import Place
from workflow_runtime._log.repeats import Repeats
from workflow_runtime._worker.running import Running
from workflow_runtime._worker.standing import place_in

_LONGEST_TICK = 1.0
"""Seconds between two looks: lengths are as exact, and the hot path has nothing to note."""


@dataclass(slots=True)
class _Seen:
    """A handler that was running at the last look."""

    since: float
    told: bool = False


class StallWatch:
    """Looks at the jobs in hand.

    Args:
        service: the service's name.
        repeats: counts the lines where many stall at once.
        in_hand: gives the jobs.
        limits: seconds after which a handler counts as stalled, by its task type.
        clock: gives seconds that only grow.
    """

    def __init__(
        self,
        service: str,
        repeats: Repeats,
        in_hand: Callable[[], Iterable[Running]],
        limits: Mapping[str, float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._repeats = repeats
        self._in_hand = in_hand
        self._limits = limits
        self._tick = min([_LONGEST_TICK, *(each / 4 for each in limits.values())])
        self._clock = clock
        self._seen: dict[Running, _Seen] = {}

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._tick)
            self.look()

    def look(self) -> None:
        """Tells of handlers that have become stalled since the last look, or have ended."""
        now, running = self._clock(), self._running()
        ended = self._seen.keys() - set(running)
        for each in ended:
            seen = self._seen.pop(each)
            if seen.told:
                text = "the stalled handler of {} has ended after {:.0f} s{}"
                self._say("has ended", "INFO", text, each, now - seen.since)
        for each in running:
            seen = self._seen.setdefault(each, _Seen(now))
            if not seen.told and now - seen.since > self._limits[each.job.job_type]:
                seen.told = True
                text = "the handler of {} has been running for more than {:.0f} s{}"
                self._say("runs", "WARNING", text, each, now - seen.since, place_in(each))

    def stalled(self) -> tuple[str, ...]:
        """Handlers that run for longer than they should, in words; may be asked in any thread."""
        now = time.monotonic()
        return tuple(
            f"handler of {each.job.job_type} runs for {now - each.started:.0f} s "
            f"(job {each.job.key}, instance {each.job.instance_key}, {each.job.element_id})"
            for each in self._running()
            if now - each.started > self._limits[each.job.job_type]
        )

    def _running(self) -> list[Running]:
        # One that waits for a slot does not run.
        return [each for each in self._in_hand() if each.handling and each.task is not None]

    def _say(
        self,
        kind: str,
        level: str,
        text: str,
        running: Running,
        seconds: float,
        place: Place | None = None,
    ) -> None:
        job = running.job
        where = f": job {job.key}, instance {job.instance_key}, {job.element_id}"
        self._repeats.say(
            (kind, job.job_type, place),
            level,
            text,
            job.job_type,
            seconds,
            f"{where}, in {place}" if place else where,
            fields=fields_of(self._service, job),
        )
