"""An engine and an Operate that follows it, for the commands of whoever is on call."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.support.diagrams import resource
from tests.support.waiting import loop_in_thread
from typer.testing import CliRunner, Result

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime.cli._app import app
from workflow_runtime.gateway.values import JobRequest

GATE = resource(
    """
    start start
    xor choose
    end end
    start -> choose
    choose -> end if =amount > 1
    """,
    "order",
)
"""A process ``order`` that stands at ``choose`` until its ``amount`` is above 1."""


class OnCall:
    """``workflow`` against real servers; ``run`` makes a call of the gateway from the test."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self.engine, self.operate = Engine(ControlledClock()), OperateDouble()
        self.gateway = EmbeddedGateway(self.engine)
        self.run = run
        self.late: list[Any] = []
        """Records that Operate has not seen yet, while ``behind``."""
        self.behind = False

    async def start(self) -> None:
        self.engine.records.subscribe(self._follow)
        self.server = await serve(self.engine)
        await self.operate.start()

    async def stop(self) -> None:
        await self.server.stop()
        await self.operate.stop()

    def _follow(self, record: Any) -> None:
        if record.value_type == "PROCESS_INSTANCE" and record.intent == "ELEMENT_ACTIVATING":
            self.operate.enter(record.key, record.value["elementId"])
        elif record.value_type == "INCIDENT":
            self.late.append(record)
            self.catch_up() if not self.behind else None

    def catch_up(self) -> None:
        """Operate sees what has happened."""
        for record in self.late:
            self.operate.feed(record.intent, record.key, record.timestamp, record.value)
        self.late.clear()
        self.operate.settle()

    def start_instances(self, process: str, scopes: list[dict[str, Any]]) -> list[int]:
        """The keys of new instances."""

        async def started() -> list[int]:
            return [(await self.gateway.create_instance(process, each)).key for each in scopes]

        return self.run(started())

    def fail(self, job_type: str, message: str = "refused") -> int:
        """Fails all jobs of a type for the last time; how many."""

        return self._end(
            job_type, lambda key: self.gateway.fail_job(key, retries=0, message=message)
        )

    def complete(self, job_type: str, scope: dict[str, Any] | None = None) -> int:
        """Completes all jobs of a type; how many."""
        return self._end(job_type, lambda key: self.gateway.complete_job(key, scope or {}))

    def throw(self, job_type: str, code: str) -> int:
        """Throws a BPMN error from all jobs of a type; how many."""
        return self._end(job_type, lambda key: self.gateway.throw_error(key, code, "thrown"))

    def _end(self, job_type: str, end: Callable[[int], Awaitable[None]]) -> int:
        async def ended() -> int:
            now = timedelta(0)
            request = JobRequest(job_type, "w", timedelta(minutes=1), 20_000, long_poll=now)
            jobs = await self.gateway.activate_jobs(request)
            for job in jobs:
                await end(job.key)
            return len(jobs)

        return self.run(ended())

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WORKFLOW_OPERATE_URL": self.operate.url,
            "WORKFLOW_OPERATE_USER": "demo",
            "WORKFLOW_OPERATE_PASSWORD": "demo",
            "ZEEBE_ADDRESS": f"http://127.0.0.1:{self.server.port}",
        }

    @property
    def open(self) -> list[int]:
        return sorted(incident.key for incident in self.engine.incidents)

    def workflow(self, *arguments: object, **others: str) -> Result:
        """Runs the command with the addresses in its environment."""
        environment = self.environment | others
        return CliRunner().invoke(app, [*map(str, arguments)], env=environment)

    def said(self, *arguments: object, code: int = 0, **others: str) -> Any:
        """What the command printed: JSON read, or its text."""
        result = self.workflow(*arguments, **others)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.output


@contextmanager
def on_call() -> Iterator[OnCall]:
    """Servers that run meanwhile."""
    # Commands have an event loop of their own: the servers live in another thread.
    with loop_in_thread() as run:
        stand = OnCall(run)
        run(stand.start())
        try:
            yield stand
        finally:
            run(stand.stop())
