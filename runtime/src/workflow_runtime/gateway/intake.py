"""Jobs as they come over the line: what cannot be read or taken goes back at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any

from workflow_runtime._log.repeats import Repeats
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.gateway.wire import read_job

__all__ = ["Intake"]


class Intake:
    """Reads jobs, and gives those back that nobody will work on.

    Args:
        fail_job: the gateway's command, by which jobs go back; it is not waited for.
    """

    def __init__(self, fail_job: Callable[..., Coroutine[Any, Any, None]]) -> None:
        self._fail_job = fail_job
        self._repeats = Repeats()
        # asyncio itself holds its tasks by weak references only.
        self._returning: set[asyncio.Task[None]] = set()

    def readable(self, messages: Iterable[Any]) -> Iterator[ActivatedJob]:
        """Reads jobs; one that cannot be read becomes an incident.

        It must not cost the others of its batch, again and again.

        Args:
            messages: ``ActivatedJob`` of the protocol.

        Yields:
            The jobs that could be read.
        """
        for message in messages:
            try:
                yield read_job(message)
            except (ValueError, RecursionError) as error:
                # What the reader of JSON says has places in it and no values.
                text = f"its variables or headers cannot be read: {error}"
                self._repeats.say(
                    message.type, "ERROR", "job {} ({}): {}", message.key, message.type, text
                )
                self._aside(self._fail_job(message.key, retries=0, message=text))

    def hand_back(self, jobs: Sequence[ActivatedJob]) -> None:
        """Gives jobs back that were fetched and are not wanted any more.

        Args:
            jobs: what nobody will work on; they keep their retries.
        """
        for job in jobs:
            self._aside(self._fail_job(job.key, retries=job.retries, message="returned unread"))

    async def settle(self, seconds: float) -> None:
        """Waits until everything has gone back.

        Args:
            seconds: how long to wait at most.
        """
        if self._returning:
            await asyncio.wait(self._returning, timeout=seconds)

    def _aside(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(call))
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)


async def _quietly(call: Awaitable[None]) -> None:
    # What fails here is returned by the job's timeout as well.
    with contextlib.suppress(Exception):
        await call
