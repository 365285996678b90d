"""What a test holds in its hands: an instance, and the mock of a task."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from workflow_devkit.testing._diagrams import Diagrams
from workflow_devkit.testing._journal import InstanceEntry, Journal
from workflow_runtime.task import WorkflowTask

__all__ = ["Instance", "Mock"]


class Instance:
    """A process instance under test; `assert_that` takes it."""

    def __init__(self, key: int, process_id: str, journal: Journal, diagrams: Diagrams) -> None:
        self.key = key
        self.process_id = process_id
        self.diagrams = diagrams
        self._journal = journal

    @property
    def entry(self) -> InstanceEntry:
        """All that the records told of it."""
        unheard = InstanceEntry(self.key, self.process_id, -1)
        return self._journal.instances.get(self.key, unheard)

    @property
    def scope(self) -> Mapping[str, Any]:
        """Its variables now."""
        return self.entry.scope()

    def picture(self) -> str:
        """Its diagram as SVG, with the path that it took, where it waits and its incidents.

        Raises:
            LookupError: its diagram was not deployed by this test.
        """
        from workflow_devkit.testing._drawing import draw  # noqa: PLC0415 - start-up time

        return draw(self.diagrams.definitions_of(self.process_id), [self.entry])

    def __repr__(self) -> str:
        return f"Instance({self.process_id}, {self.key})"


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
