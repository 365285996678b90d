"""The gateway of a service under test: it applies faults and remembers what was deployed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, cast

from workflow_devkit.testing._environments.faults import COMMANDS, Call, Faults
from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import ActivatedJob, Resource, StreamRequest

__all__ = ["observe"]


class _ObservedGateway:
    """Passes every call on to the engine, through the faults that a test has set."""

    def __init__(self, inner: Gateway, faults: Faults, diagrams: Diagrams) -> None:
        self._inner = inner
        self._faults = faults
        self._diagrams = diagrams

    def __getattr__(self, name: str) -> Any:
        # What is no command, such as ``close`` and ``in_process``, is the engine's own.
        method = getattr(self._inner, name)
        return partial(self._send, name, method) if name in COMMANDS else method

    async def deploy(self, resources: list[Resource], **options: Any) -> Any:
        self._diagrams.add(resources)
        return await self._send("deploy", self._inner.deploy, resources, **options)

    async def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        # Checked with each job too: a stream that was open breaks off when the line does.
        self._faults.check()
        async for job in self._inner.stream_jobs(request):
            self._faults.check()
            yield job

    async def _send(self, name: str, method: Call, *args: Any, **options: Any) -> Any:
        return await self._faults.apply(name, partial(method, *args, **options))


def observe(inner: Gateway, faults: Faults, diagrams: Diagrams) -> Gateway:
    """The gateway that a test's service talks to."""
    return cast("Gateway", _ObservedGateway(inner, faults, diagrams))
