"""``def`` handlers: in threads of their own pool, sized to what may run at once."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Threads:
    """The pool of one subscription; its threads start as they are needed."""

    def __init__(self, name: str, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=f"handler-{name}")

    async def run(self, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Calls in a thread, with the context variables of the caller."""
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        result, error = await loop.run_in_executor(
            self._pool, lambda: context.run(_caught, function, args, named)
        )
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        """Starts nothing more; what runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


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
