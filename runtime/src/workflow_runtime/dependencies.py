"""Where the other parameters of handlers come from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeVar

__all__ = ["DependencyResolver", "DishkaResolver"]

T = TypeVar("T")

Get = Callable[[Any], Any]


class DependencyResolver(Protocol):
    """The port: one scope for each job, out of which its handler's parameters are taken."""

    def for_job(self) -> AbstractAsyncContextManager[Get]:
        """Opens what one job needs; yields ``get(type)``, which may return an awaitable."""
        ...


class DishkaResolver:
    """Takes dependencies from a dishka ``AsyncContainer``: REQUEST scope is one job."""

    def __init__(self, container: Any) -> None:
        self._container = container

    @asynccontextmanager
    async def for_job(self) -> AsyncIterator[Get]:
        """Enters a REQUEST scope and leaves it with the job."""
        async with self._container() as container:
            yield container.get
