"""SystemExit and KeyboardInterrupt in tasks and callbacks of a service: it drains, then it ends.

asyncio stops its loop at once where one of them is raised (`asyncio.Task`, `asyncio.Handle`): by a
child task of a handler, a library's own task, a timer. Whoever was at work would never hear of it.
`loop.stop`, as it is called by what was written to end a loop of its own, is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.repeats import Repeats

Main = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


def run_through_exits(main: Main) -> BaseException | None:
    """Runs a service to its end as `asyncio.run` does.

    Args:
        main: makes the service's coroutine of an event; once that is set, somebody has asked the
            process to end, and the service drains.

    Returns:
        What somebody has raised to end the process; None if nobody has.
    """
    raised: BaseException | None = None
    repeats = Repeats()
    with asyncio.Runner() as runner:
        asked = asyncio.Event()
        loop = runner.get_loop()
        task = loop.create_task(main(asked))
        while True:
            try:
                loop.run_until_complete(task)
            except (SystemExit, KeyboardInterrupt, RuntimeError) as error:
                # Its own end, such as that of a second signal.
                if task.done() or loop.is_closed():
                    raise
                # asyncio's own word for a loop that was stopped.
                stopped = isinstance(error, RuntimeError)
                what = "loop.stop()" if stopped else kind_and_place(error)
                repeats.say(what, "ERROR", "{}: draining", what)
                raised = raised or error
                asked.set()
            else:
                return raised


def exit_code(raised: BaseException | None) -> int | str | None:
    """The code that a process ends with where that was raised, as Python's own end has it."""
    if raised is None:
        return 0
    if isinstance(raised, SystemExit):
        return raised.code
    return 130 if isinstance(raised, KeyboardInterrupt) else 1
