"""Whether incidents that this replica has raised are still there: asked of the engine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from datetime import timedelta

from workflow_runtime.alerts.story import Story
from workflow_runtime.gateway.errors import GatewayError, NotFound
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.observers import IncidentAlert

__all__ = ["Followed", "is_there"]

_MOST = 100_000
"""Jobs that are followed; what is beyond is counted only."""
_AT_ONCE, _A_TURN = 10, 50
"""Questions at the same time, and in one turn: 1,500 incidents are asked for in 150 s."""
_PATIENCE = timedelta(seconds=5)


async def is_there(gateway: Gateway, element_instance_key: int) -> bool:
    """Asks whether an element is still active, by setting none of its variables.

    Not by its job: to move a job's timeout is a question only where nobody holds it.

    Raises:
        GatewayError: the engine cannot say.
    """
    try:
        await gateway.set_variables(element_instance_key, {}, local=True, deadline=_PATIENCE)
    except NotFound:
        return False
    return True


class Followed:
    """Jobs of this replica's incidents, each with its story.

    Args:
        gateway: the engine; None asks nobody, and ends are known from the worker only.
    """

    def __init__(self, gateway: Gateway | None) -> None:
        self._gateway = gateway
        self._jobs: dict[int, tuple[Story, int]] = {}
        self._round: deque[int] = deque()

    def add(self, story: Story, alert: IncidentAlert) -> None:
        """Follows an incident's job, which may have been in another story."""
        self.end(alert.job_key)
        if not alert.job_key or len(self._jobs) >= _MOST:
            story.beyond = True
            return
        story.follows += 1
        self._jobs[alert.job_key] = (story, alert.element_instance_key)

    def end(self, job_key: int) -> Story | None:
        """Forgets a job that is in no incident any more; the story that it was in, if any."""
        story, _ = self._jobs.pop(job_key, (None, 0))
        if story is not None:
            story.follows -= 1
        return story

    async def look(self) -> Collection[Story]:
        """Asks for some of the jobs, for others the next time; the stories in which some ended."""
        if self._gateway is None:
            return ()
        self._round = self._round or deque(self._jobs)
        chosen = [self._round.popleft() for _ in range(min(_A_TURN, len(self._round)))]
        changed = {}
        for start in range(0, len(chosen), _AT_ONCE):
            batch = chosen[start : start + _AT_ONCE]
            gone = await asyncio.gather(*map(self._is_gone, batch))
            for job_key, is_gone in zip(batch, gone, strict=True):
                story = self.end(job_key) if is_gone else None
                if story is not None:
                    changed[story.key] = story
        return changed.values()

    async def _is_gone(self, job_key: int) -> bool:
        _, element = self._jobs.get(job_key, (None, 0))
        if self._gateway is None or not element:
            return False
        try:
            return not await is_there(self._gateway, element)
        except GatewayError:
            return False
