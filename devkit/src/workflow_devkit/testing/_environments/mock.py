"""Handlers that answer as a test says, in the place of those of another service."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.observers import Observer
from workflow_runtime.task import WorkflowTask
from workflow_runtime.workflow import Workflow

__all__ = ["Mock", "MockServices"]


class Mock:
    """A handler for a task of another service.

    Args:
        answer: a result, an exception to be raised, or a function that takes the `WorkflowTask`
            and gives the result, itself or by an awaitable.

    Attributes:
        calls: the scopes that it was called with, in order.
    """

    def __init__(self, answer: Any = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self._answer = answer

    async def handle(self, task: WorkflowTask) -> Any:
        """Answers a job as the test has told.

        Args:
            task: the job's task.

        Returns:
            The result, or what the function makes of the task.
        """
        self.calls.append(dict(task.scope))
        if isinstance(self._answer, BaseException):
            # Each time anew: frames of earlier calls would stand in its message.
            raise self._answer.with_traceback(None)
        answer = self._answer(task) if callable(self._answer) else self._answer
        return await answer if inspect.isawaitable(answer) else answer


class MockServices:
    """The other services of a test: one for each mock, beside the service under test."""

    def __init__(self, gateway: Gateway, observer: Observer, *, tracing: bool) -> None:
        self._tracing = tracing
        self._gateway = gateway
        self._observer = observer
        self._starting: set[asyncio.Task[None]] = set()
        self._running: list[Workflow] = []

    def start(self, job_type: str, mock: Mock) -> None:
        """Starts a service that works on this task type.

        Returns at once; the service takes jobs as soon as the event loop has run it.
        """
        # As the service: else the context of its traces would be data to the mocks.
        settings = WorkflowSettings().model_copy(update={"tracing": self._tracing})
        builder = WorkflowBuilder(
            "mock", settings=settings, gateway=self._gateway, observers=[self._observer]
        )
        # The loop holds tasks by weak references only (docs: `asyncio.create_task`).
        task = asyncio.create_task(self._run(builder.with_handler(job_type, mock)))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def stop(self) -> None:
        """Stops the services, those that are about to start too."""
        # First: what is about to start would be missed by the loop below.
        await asyncio.gather(*self._starting)
        await asyncio.gather(*(service.stop(grace=0) for service in self._running))

    async def _run(self, builder: WorkflowBuilder) -> None:
        self._running.append(await builder.run())
