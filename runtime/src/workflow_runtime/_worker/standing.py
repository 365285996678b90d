"""Where the handler of a job stands that runs for long: a coroutine that waits, or a thread."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from traceback import walk_stack
from types import CodeType, FrameType
from typing import Any

from workflow_runtime._log.job_fields import job_in
from workflow_runtime._log.places import Place, place_of
from workflow_runtime._worker.handler_call import IN_THREAD
from workflow_runtime._worker.running import Running

_Frame = tuple[CodeType, int]

_AWAITED = ("cr_await", "gi_yieldfrom", "ag_await")
_FRAMES = ("cr_frame", "gi_frame", "ag_frame")


def place_in(running: Running) -> Place | None:
    """The line of the service's own code at which a job's handler is; None where it is unknown."""
    if running.task is None:
        return None
    return place_of([*_awaiting(running.task), *_in_its_thread(running.job.key)])


def _awaiting(task: asyncio.Task[Any] | None) -> Iterator[_Frame]:
    """The lines of a task's coroutines, the innermost last, and of the task that it waits for."""
    while task is not None:
        coroutine: Any = task.get_coro()
        task = None
        while coroutine is not None:
            frame = next(
                (found for name in _FRAMES if (found := getattr(coroutine, name, None))), None
            )
            if frame is not None:
                yield frame.f_code, frame.f_lineno
                task = _inner_task(frame)
            coroutine = next(
                (found for name in _AWAITED if (found := getattr(coroutine, name, None))), None
            )


def _inner_task(frame: FrameType) -> asyncio.Task[Any] | None:
    """The task in which the worker has a middleware's thread awaited."""
    if "cancellation" not in frame.f_code.co_filename:
        return None
    found = frame.f_locals.get("task")
    return found if isinstance(found, asyncio.Task) else None


def _in_its_thread(key: int) -> Iterator[_Frame]:
    """The lines of the thread that a ``def`` handler runs in."""
    for frame in sys._current_frames().values():  # noqa: SLF001 - no public way
        stack = [*walk_stack(frame)][::-1]
        for index, (each, _) in enumerate(stack):
            if each.f_code is IN_THREAD and _works_for(each, key):
                yield from ((inner.f_code, line) for inner, line in stack[index + 1 :])


def _works_for(frame: FrameType, key: int) -> bool:
    current = job_in(frame.f_locals["context"])
    return current is not None and current.job.key == key
