"""Getting the processes to the engine, in the background, as often as it takes, and no oftener."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.errors import CommandFailed
from workflow_runtime.gateway.errors import (
    GatewayError,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
    TransientGatewayError,
)
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.retrying import GatewayBackoff
from workflow_runtime.gateway.values import DeployedProcess, Resource
from workflow_runtime.presence import has_any, is_lost, is_outrun

__all__ = ["Deployment"]


_NEWER_FIRST = 30.0
"""Seconds that newer replicas have for deploying theirs, after the engine has lost everything."""


class Deployment:
    """Deploys at start, and again only when the engine has lost what it had.

    ``status`` says in words what has become of the diagrams, ``refused`` why the engine does not
    take them; it is empty if it does.

    An engine compares a diagram with its latest version only (semantics#deployment-versions): an
    old replica of a rolling update that deployed again would make its old diagram the newest one.
    So after an outage the engine is asked, and nothing is deployed unless it clearly says that it
    has lost the processes.

    Args:
        gateway: the engine.
        resources: the service's diagrams; with none there is nothing to do.
    """

    def __init__(self, gateway: Gateway, resources: Sequence[Resource]) -> None:
        self.status = "pending" if resources else "nothing to deploy"
        self.refused = ""
        self._deployed: Sequence[DeployedProcess] = ()
        self._gateway = gateway
        self._log = StateLog()
        self._doubts = StateLog()
        self._backoff = GatewayBackoff(maximum=1.0)
        # The same order each time: an engine compares what it gets with what it has.
        self._resources = sorted(resources, key=lambda r: r.name)
        self._doubt = asyncio.Event()
        self._sure = asyncio.Event()
        self._done = asyncio.Event()
        self._ended = asyncio.Event()
        if not resources:
            self._done.set()

    @property
    def resources(self) -> Sequence[Resource]:
        """The service's diagrams."""
        return self._resources

    @property
    def ready(self) -> bool:
        """Whether the engine has taken everything."""
        return self._done.is_set() and not self.refused

    def check(self) -> None:
        """Has the engine asked whether it still has the processes: it was away."""
        self._doubt.set()

    async def renew(self, process_id: str, patience: timedelta) -> bool:
        """Deploys once more if the engine has lost a process, which it says it does not know.

        Args:
            process_id: the BPMN id of that process.
            patience: how long to wait until the engine has said so, and has taken it.

        Returns:
            Whether it is one of this service's, so that asking for it again makes sense.

        Raises:
            CommandFailed: the engine could not be reached in that time.
        """
        if self._ended.is_set() or all(each.process_id != process_id for each in self._deployed):
            return False
        self._sure.clear()
        self._doubt.set()
        await self._in_time(self._sure, patience)
        return True

    async def wait(self, patience: timedelta) -> None:
        """Waits until the processes are deployed, or refused for good.

        Args:
            patience: how long to wait.

        Raises:
            CommandFailed: the engine could not be reached in that time.
        """
        await self._in_time(self._done, patience)

    async def settled(self, patience: timedelta) -> None:
        """Waits until the processes are deployed, or refused for good, or the service stops.

        Args:
            patience: how long to wait.

        Raises:
            CommandFailed: the engine could not be reached in that time.
        """
        # What is left to be published as a service stops has no time to wait.
        if not self._ended.is_set():
            await self._in_time(self._done, patience)

    def end(self) -> None:
        """Has nobody wait any more: the service stops, and `run` with it."""
        self._ended.set()

    async def _in_time(self, event: asyncio.Event, patience: timedelta) -> None:
        if event.is_set():
            return
        waiting = [asyncio.ensure_future(each.wait()) for each in (event, self._ended)]
        seconds = patience.total_seconds()
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        if event.is_set():
            return
        when = "before the service stopped" if self._ended.is_set() else f"within {seconds:.3g} s"
        raise CommandFailed(
            f"the processes could not be deployed {when}: {self.status}",
            status="UNAVAILABLE",
            executed="no",
        )

    async def run(self) -> None:
        """Deploys, and looks after what is deployed, until cancelled."""
        while self._resources:
            # What was refused is tried again: the engine may be a newer one now.
            if not self._deployed or await self._is_lost():
                await self._deploy()
            self._sure.set()
            await self._doubt.wait()
            # Before the answer: what is doubted while it is awaited is asked once more.
            self._doubt.clear()

    async def _is_lost(self) -> bool:
        while True:
            try:
                return await self._ask()
            except TransientGatewayError as error:
                await asyncio.sleep(self._backoff.after(error))
            except GatewayError as error:
                text = "whether the engine still has the processes cannot be told, {}; if it has "
                text += "lost them, restart the service or deploy them with `workflow deploy`"
                self._doubts.enter(error.status, "WARNING", text, error.status)
                return False

    async def _ask(self) -> bool:
        lost = await is_lost(self._gateway, self._deployed)
        if lost and await is_outrun(self._gateway, self._deployed):
            # Newer replicas deploy theirs; only where none does, ours is better than nothing.
            await asyncio.sleep(_NEWER_FIRST)
            lost = not await has_any(self._gateway, self._deployed)
            # Counted from the start again by others: whatever comes from now on is newer.
            self._deployed = [replace(each, version=0) for each in self._deployed]
        self._backoff.reset()
        self._doubts.state = ""
        return lost

    async def _deploy(self) -> None:
        self._done.clear()
        if self._deployed:
            self.status = "pending: the engine has lost the processes"
            logger.warning("the engine does not know {} any more", _names(self._deployed))
        while True:
            wait = await self._attempt(self._backoff)
            if not wait:
                return
            await asyncio.sleep(wait)

    async def _attempt(self, backoff: GatewayBackoff) -> float:
        try:
            deployed = await self._gateway.deploy(self._resources)
        except (InvalidArgument, MessageTooLarge) as error:
            # Sent again it would be refused again (semantics#deployment-refused).
            self._refuse(error)
            return 0.0
        except GatewayError as error:
            return self._postpone(error, backoff)
        except Exception as error:  # noqa: BLE001 - deployment never ends by a surprise
            return self._postpone(GatewayInternal(kind_and_place(error)), backoff)
        self._note(deployed)
        backoff.reset()
        return 0.0

    def _refuse(self, error: GatewayError) -> None:
        self.refused = error.message
        self.status = f"refused: {error.message}"
        self._done.set()
        self._log.enter(self.status, "ERROR", "the processes were refused: {}", error.message)

    def _postpone(self, error: GatewayError, backoff: GatewayBackoff) -> float:
        self.status = f"pending: {error.status}"
        text = "the processes are not deployed yet: {}; trying again"
        self._log.enter(error.status, "WARNING", text, error.status)
        return backoff.after(error)

    def _note(self, deployed: Sequence[DeployedProcess]) -> None:
        status = _names(deployed)
        self._log.enter(status, "INFO", "deployed: {}", status)
        self.status, self.refused = status, ""
        self._deployed = deployed
        self._done.set()


def _names(deployed: Sequence[DeployedProcess]) -> str:
    return ", ".join(f"{p.process_id} v{p.version}" for p in deployed)
