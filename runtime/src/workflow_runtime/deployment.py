"""Getting the processes to the engine, in the background, as often as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from workflow_runtime._log.state_log import StateLog
from workflow_runtime.errors import CommandFailed
from workflow_runtime.gateway.errors import (
    GatewayError,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
)
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.retrying import GatewayBackoff
from workflow_runtime.gateway.values import DeployedProcess, Resource

__all__ = ["Deployment"]


class Deployment:
    """Deploys at start, and again whenever the engine was away.

    ``status`` says in words what has become of the diagrams, ``refused`` why the engine does not
    take them; it is empty if it does.

    Unchanged files keep their version (semantics#deployment-versions), so deploying once more
    costs nothing; changed ones get a new version, and an engine that lost its data gets them back.

    Args:
        gateway: the engine.
        resources: the service's diagrams; with none there is nothing to do.
    """

    def __init__(self, gateway: Gateway, resources: Sequence[Resource]) -> None:
        self.status = "pending" if resources else "nothing to deploy"
        self.refused = ""
        self._known: frozenset[str] = frozenset()
        self._gateway = gateway
        self._log = StateLog()
        # The same order each time: an engine compares what it gets with what it has.
        self._resources = sorted(resources, key=lambda r: r.name)
        self._wanted = asyncio.Event()
        self._done = asyncio.Event()
        if resources:
            self._wanted.set()
        else:
            self._done.set()

    @property
    def ready(self) -> bool:
        """Whether the engine has taken everything."""
        return self._done.is_set() and not self.refused

    def again(self) -> None:
        """Deploys once more: the engine was away and may have lost the processes."""
        if self._resources:
            self._wanted.set()

    def renew(self, process_id: str) -> bool:
        """Deploys once more because the engine does not know a process that it had.

        Args:
            process_id: the BPMN id of that process.

        Returns:
            Whether it is one of this service's, so that waiting for it makes sense.
        """
        if process_id not in self._known:
            return False
        self._done.clear()
        self._wanted.set()
        return True

    async def wait(self, patience: timedelta) -> None:
        """Waits until the processes are deployed, or refused for good.

        Args:
            patience: how long to wait.

        Raises:
            CommandFailed: the engine could not be reached in that time.
        """
        try:
            await asyncio.wait_for(self._done.wait(), patience.total_seconds())
        except TimeoutError:
            raise CommandFailed(
                f"the processes could not be deployed within {patience.total_seconds():g} s: "
                f"{self.status}",
                status="UNAVAILABLE",
            ) from None

    async def run(self) -> None:
        """Deploys whenever it is wanted, until cancelled."""
        backoff = GatewayBackoff(maximum=1.0)
        while True:
            await self._wanted.wait()
            # Before the attempt: what is wanted while it lasts is done once more.
            self._wanted.clear()
            wait = await self._attempt(backoff)
            if wait:
                await asyncio.sleep(wait)
                self._wanted.set()

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
            return self._postpone(GatewayInternal(repr(error)), backoff)
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
        status = ", ".join(f"{p.process_id} v{p.version}" for p in deployed)
        self._log.enter(status, "INFO", "deployed: {}", status)
        self.status, self.refused = status, ""
        self._known = frozenset(p.process_id for p in deployed)
        self._done.set()
