"""Whole processes in a test: the service as it is, on an engine whose clock is moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from workflow_devkit.testing._environments.backends import Backend, EmbeddedBackend
from workflow_devkit.testing._environments.mock import Mock
from workflow_devkit.testing._environments.process import Process
from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.config import WorkflowSettings

__all__ = ["ProcessEnvironment"]


class ProcessEnvironment:
    """Runs services in a test: ``async with process_environment(builder) as process:``.

    Args:
        backend_for: makes what one service runs on, by the service's settings; without it, each
            runs on an embedded engine of its own.
    """

    def __init__(self, backend_for: Callable[[WorkflowSettings], Backend] | None = None) -> None:
        self._backend_for = backend_for or (lambda _: EmbeddedBackend())

    def __call__(
        self,
        builder: WorkflowBuilder,
        *,
        mocks: Mapping[str, Any] | None = None,
        skip_idle: bool = False,
    ) -> AbstractAsyncContextManager[Process]:
        """A context manager that gives a `Process`; nothing outside the test is touched.

        Args:
            builder: the service. It is changed: it gets the test's engine and its mocks.
            mocks: by task type, answers in the place of the service's own handlers: a value, an
                exception, a function of the task, or a `Mock`.
            skip_idle: whether ``wait_idle`` jumps over time in which nothing happens.
        """
        for job_type, answer in (mocks or {}).items():
            mock = answer if isinstance(answer, Mock) else Mock(answer)
            # The builder refuses a second handler for a type.
            builder.without_handler(job_type).with_handler(job_type, mock)
        return Process(builder, self._backend_for(builder.settings), skips_idle=skip_idle).running()
