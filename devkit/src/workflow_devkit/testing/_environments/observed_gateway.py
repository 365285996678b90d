"""The gateway of a service under test: it applies faults and remembers what was sent by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from workflow_devkit.testing._environments.faults import COMMANDS, Call, Faults
from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import (
    ActivatedJob,
    ProcessInstance,
    Resource,
    StreamRequest,
)

__all__ = ["Caused", "observe"]


@dataclass(frozen=True, slots=True)
class Caused:
    """The keys of the instances that a test has started, and of its messages."""

    instances: set[int] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)


class _ObservedGateway:
    """Passes every call on to the engine, through the faults that a test has set."""

    def __init__(self, inner: Gateway, faults: Faults, diagrams: Diagrams, caused: Caused) -> None:
        self._inner = inner
        self._faults = faults
        self._diagrams = diagrams
        self._caused = caused

    def __getattr__(self, name: str) -> Any:
        # What is no command, such as ``close`` and ``in_process``, is the engine's own.
        method = getattr(self._inner, name)
        return partial(self._send, name, method) if name in COMMANDS else method

    async def deploy(self, resources: list[Resource], **options: Any) -> Any:
        self._diagrams.add(resources)
        return await self._send("deploy", self._inner.deploy, resources, **options)

    async def create_instance(self, *args: Any, **options: Any) -> ProcessInstance:
        started = await self._send("create_instance", self._inner.create_instance, *args, **options)
        self._caused.instances.add(started.key)
        return cast("ProcessInstance", started)

    async def publish_message(self, *args: Any, **options: Any) -> int:
        key = await self._send("publish_message", self._inner.publish_message, *args, **options)
        self._caused.messages.add(key)
        return cast("int", key)

    async def stream_jobs(self, request: StreamRequest) -> AsyncIterator[ActivatedJob]:
        # Checked with each job too: a stream that was open breaks off when the line does.
        self._faults.check()
        async for job in self._inner.stream_jobs(request):
            self._faults.check()
            yield job

    async def _send(self, name: str, method: Call, *args: Any, **options: Any) -> Any:
        return await self._faults.apply(name, partial(method, *args, **options))


def observe(inner: Gateway, faults: Faults, diagrams: Diagrams, caused: Caused) -> Gateway:
    """The gateway that a test's service talks to.

    Args:
        inner: the engine's own.
        faults: what shall go wrong on the way.
        diagrams: takes note of what is deployed.
        caused: takes note of the instances and messages that it makes.
    """
    return cast("Gateway", _ObservedGateway(inner, faults, diagrams, caused))
