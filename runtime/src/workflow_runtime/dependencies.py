"""Where the other parameters of handlers come from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from typing_extensions import override

from workflow_runtime.errors import ConfigurationError

__all__ = ["DependencyResolver", "DishkaResolver", "resolver_of"]

Get = Callable[[Any], Any]


class DependencyResolver(Protocol):
    """Gives handlers what they need besides their job: one scope of dependencies for each job."""

    def for_job(self) -> AbstractAsyncContextManager[Get]:
        """Opens what one job needs, and closes it when the job's handler has ended.

        Returns:
            A context manager that gives a function: called with a parameter's annotation, it
            returns the dependency, or an awaitable of it.
        """
        ...


class DishkaResolver(DependencyResolver):
    """Takes dependencies from dishka; each job enters a REQUEST scope and leaves it at its end.

    Args:
        container: an ``AsyncContainer`` of dishka; the service does not close it.
    """

    def __init__(self, container: Any) -> None:
        self._container = container

    @override
    @asynccontextmanager
    async def for_job(self) -> AsyncIterator[Get]:
        async with self._container() as container:
            yield container.get


def resolver_of(given: Any) -> DependencyResolver | None:
    """Checks what a service was given as its resolver.

    Args:
        given: the resolver; None if there is none.

    Raises:
        ConfigurationError: it is none; says the remedy.
    """
    if given is not None and not callable(getattr(given, "for_job", None)):
        raise ConfigurationError(
            f"resolver: {type(given).__name__} has no method 'for_job'; a container of dishka goes "
            "into one: DishkaResolver(container)"
        )
    resolver: DependencyResolver | None = given
    return resolver
