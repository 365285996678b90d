"""``def`` handlers: in threads of their own pool, sized to what may run at once."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Threads:
    """The pool of one subscription; its threads start as they are needed."""

    def __init__(self, name: str, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=f"handler-{name}")
        self._busy: set[Future[Any]] = set()

    async def run(self, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Calls in a thread, with the context variables of the caller."""
        context = contextvars.copy_context()
        call = self._pool.submit(context.run, _caught, function, args, named)
        self._busy.add(call)
        call.add_done_callback(self._busy.discard)
        result, error = await asyncio.wrap_future(call)
        if error is not None:
            raise error
        return result

    def close(self) -> int:
        """Starts nothing more; returns how many threads still run: nobody can end them."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        return sum(call.running() for call in list(self._busy))


def _caught(
    function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, BaseException | None]:
    # As a value: a future refuses StopIteration and would then wait for ever.
    try:
        return function(*args, **named), None
    except StopIteration as error:
        return None, RuntimeError(f"the handler raised StopIteration: {error}")
    except BaseException as error:  # noqa: BLE001 - SystemExit of a handler must not end us
        return None, error
