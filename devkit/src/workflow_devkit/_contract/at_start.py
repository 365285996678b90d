"""Tells in the log of a starting service what does not fit its diagrams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from loguru import logger

from workflow_devkit._contract.service import check_service
from workflow_devkit.findings import Finding, Severity

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder
    from workflow_runtime.companion import Companion
    from workflow_runtime.workflow import Workflow

__all__ = ["check_at_start"]


def check_at_start(builder: WorkflowBuilder) -> Companion:
    """What logs, beside the start of a service, where its diagrams and handlers do not fit."""
    return ContractWarnings(lambda: check_service(builder))


class ContractWarnings:
    """A companion that checks once, beside the start, and never fails the service."""

    def __init__(self, check: Callable[[], Iterable[Finding]]) -> None:
        self._check = check
        self._task: asyncio.Task[None] | None = None

    async def start(self, workflow: Workflow) -> None:
        """Begins in a thread: reading diagrams and sources takes some milliseconds."""
        del workflow
        self._task = asyncio.create_task(asyncio.to_thread(self._warn))

    async def stop(self) -> None:
        """Does not wait for what nobody reads any more."""
        if self._task is not None:
            self._task.cancel()

    def _warn(self) -> None:
        try:
            found = [each for each in self._check() if each.severity.at_least(Severity.WARNING)]
        except Exception as error:  # noqa: BLE001 - a check must not stop what it checks
            logger.debug("diagrams and handlers were not compared: {}", error)
            return
        for finding in found:
            logger.warning("diagram and code do not fit: {}", finding)
