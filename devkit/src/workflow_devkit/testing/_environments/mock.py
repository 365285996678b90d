"""A handler that answers as a test says, in the place of another service's."""

from __future__ import annotations

import inspect
from typing import Any

from workflow_runtime.task import WorkflowTask

__all__ = ["Mock"]


class Mock:
    """A handler for a task of somebody else; ``calls`` holds the scopes that it was called with."""

    def __init__(self, answer: Any = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self._answer = answer

    async def handle(self, task: WorkflowTask) -> Any:
        """Answers as told: a value, an exception, or what a function makes of the task."""
        self.calls.append(dict(task.scope))
        if isinstance(self._answer, BaseException):
            raise self._answer
        answer = self._answer(task) if callable(self._answer) else self._answer
        return await answer if inspect.isawaitable(answer) else answer
