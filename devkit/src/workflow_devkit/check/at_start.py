"""Tells in the log of a starting service what does not fit its diagrams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from loguru import logger

from workflow_devkit.check.service_findings import check_service
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.errors import WorkflowError
from workflow_runtime.threads import OwnThreads

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder
    from workflow_runtime.lifespan import LifespanHook
    from workflow_runtime.workflow import Workflow

__all__ = ["check_at_start", "log_findings"]

_MOST = 4
"""Findings that have a line of their own."""


def check_at_start(builder: WorkflowBuilder) -> LifespanHook:
    """A hook that logs, once, where a service's diagrams and handlers do not fit.

    The runtime finds it by its entry point in ``workflow_runtime.start_checks``.
    """
    return log_findings(lambda: check_service(builder))


def log_findings(check: Callable[[], Iterable[Finding]]) -> LifespanHook:
    """A hook that logs what ``check`` finds, once.

    Args:
        check: finds what does not fit; called in a thread while the service starts. What it
            raises is logged for developers and never fails the service.
    """
    return _ContractWarnings(check)


class _ContractWarnings:
    """Compares diagrams and code once, in a thread, while the service starts."""

    def __init__(self, check: Callable[[], Iterable[Finding]]) -> None:
        self._check = check
        # Kept, because asyncio itself holds tasks by weak references only.
        self._task: asyncio.Task[None] | None = None

    async def start(self, workflow: Workflow) -> None:
        """Begins in a thread: reading diagrams and sources takes some milliseconds."""
        del workflow
        self._task = asyncio.create_task(OwnThreads("check", 1).run(self._warn))

    async def stop(self) -> None:
        """Gives up waiting for the comparison: its warnings are for a service that runs."""
        if self._task is not None:
            # Only the waiting ends: a thread cannot be stopped, and ends by itself.
            self._task.cancel()

    def _warn(self) -> None:
        try:
            found = [each for each in self._check() if each.severity.at_least(Severity.WARNING)]
        except Exception as error:  # noqa: BLE001 - a check must not stop what it checks
            # Ours are words for people; another's may repeat anything.
            reason = str(error) if isinstance(error, WorkflowError) else type(error).__name__
            logger.debug("diagrams and handlers were not compared: {}", reason)
            return
        for finding in found[:_MOST]:
            logger.warning("diagram and code do not fit: {}", finding)
        if len(found) > _MOST:
            text = "diagram and code do not fit: {} more, which `workflow check` shows"
            logger.warning(text, len(found) - _MOST)
