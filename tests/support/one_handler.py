"""A service with one handler on an engine of its own, and the commands that its jobs ended with."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from tests.support.diagrams import one_task
from tests.support.waiting import PATIENCE

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.zeebe import ZeebeGateway

ONCE = TaskHandlerConfig(retry_timeout=timedelta(hours=1))
"""A job that fails does not come back within a test."""
_ENDS = {"COMPLETED", "FAILED", "ERROR_THROWN"}


class End(NamedTuple):
    """One command that the engine has taken, as its record shows it."""

    intent: str
    retries: int
    message: str
    code: str
    variables: dict[str, Any]
    backoff: int

    @property
    def is_incident(self) -> bool:
        return self.intent == "FAILED" and self.retries == 0


class Stand:
    """The service under test: ``ends`` are the commands so far, in their order."""

    def __init__(self, engine: Engine, gateway: Gateway, workflow: Any) -> None:
        self.engine, self.gateway, self.workflow = engine, gateway, workflow
        self.ends: list[End] = []
        self._changed = asyncio.Event()
        engine.records.subscribe(self._note)

    async def start(self, **scope: Any) -> int:
        return (await self.workflow.start_process("order", scope)).key

    async def ended(self, count: int = 1) -> list[End]:
        async with asyncio.timeout(PATIENCE):
            while len(self.ends) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.ends

    def _note(self, record: Any) -> None:
        if record.value_type == "JOB" and record.intent in _ENDS:
            value = record.value
            self.ends.append(
                End(
                    record.intent,
                    value["retries"],
                    value["errorMessage"],
                    value["errorCode"],
                    value["variables"],
                    value["retryBackoff"],
                )
            )
            self._changed.set()


@asynccontextmanager
async def serving(
    handler: Callable[..., Any],
    config: TaskHandlerConfig = ONCE,
    *,
    over_grpc: bool = False,
    **builder: Any,
) -> AsyncIterator[Stand]:
    """Runs a service whose handler works on the task of the process ``order``."""
    engine = Engine()
    server = await serve(engine) if over_grpc else None
    gateway: Gateway = EmbeddedGateway(engine)
    if server is not None:
        gateway = ZeebeGateway(Address("http", "127.0.0.1", server.port))
    await gateway.deploy([one_task("order", "work")])
    made = WorkflowBuilder(
        settings=WorkflowSettings(service_name="strangers", grace=timedelta(seconds=1)),
        gateway=gateway,
        **builder,
    ).with_handler("order_work", handler, config)
    async with made.running() as workflow:
        yield Stand(engine, gateway, workflow)
    await gateway.close()
    if server is not None:
        await server.stop()


async def end_of(handler: Callable[..., Any], *args: Any, **options: Any) -> End:
    """How the one job of a handler ends; there is no second command before the service stops."""
    async with serving(handler, *args, **options) as stand:
        await stand.start()
        await stand.ended()
    (end,) = stand.ends
    return end
