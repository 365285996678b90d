"""Getting the processes to the engine, in the background, as often as it takes, and no oftener."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.repeats import Repeats
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.diagrams import identities, process_ids
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

    What a broker refuses keeps all else from being deployed too (semantics#deployment-atomic):
    the service's processes are one version, which older replicas may not have handlers for. On an
    engine that no other replica uses the sound files are deployed all the same.

    Args:
        gateway: the engine.
        resources: the service's diagrams; with none there is nothing to do.
        apart: whether the others are deployed where the engine refuses one.
    """

    def __init__(
        self, gateway: Gateway, resources: Sequence[Resource], *, apart: bool = False
    ) -> None:
        self.status = "pending" if resources else "nothing to deploy"
        self.refused = ""
        self._refusals: dict[str, str] = {}
        self._apart = apart
        self._deployed: Sequence[DeployedProcess] = ()
        self._gateway = gateway
        self._repeats = Repeats()
        self._log, self._doubts = StateLog(self._repeats), StateLog(self._repeats)
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

    def why_missing(self, process_id: str) -> str:
        """Why the engine does not have a process of this service.

        Args:
            process_id: the BPMN id of the process.

        Returns:
            What the engine said as it refused the process's file; empty where it did not.
        """
        names = (r.name for r in self._resources if process_id in process_ids([r]))
        return next((self._refusals[name] for name in names if name in self._refusals), "")

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
            # That it has them again is news, though they are the same.
            self._log.state = ""
            text = "the engine does not know {} any more"
            self._repeats.say("lost", "WARNING", text, _names(self._deployed))
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
            return await self._without_refused(error, backoff)
        except GatewayError as error:
            return self._postpone(error, backoff)
        except Exception as error:  # noqa: BLE001 - deployment never ends by a surprise
            return self._postpone(GatewayInternal(kind_and_place(error)), backoff)
        self._note(deployed)
        backoff.reset()
        return 0.0

    async def _without_refused(self, error: GatewayError, backoff: GatewayBackoff) -> float:
        refusals = {each.name: error.message for each in self._resources}
        deployed: list[DeployedProcess] = []
        sound = self._told_apart() if self._apart and len(self._resources) > 1 else ()
        for resource in sound:
            try:
                deployed += await self._gateway.deploy([resource])
                del refusals[resource.name]
            except (InvalidArgument, MessageTooLarge) as own:
                refusals[resource.name] = own.message
            except GatewayError as away:
                return self._postpone(away, backoff)
        self._refuse(refusals, deployed)
        return 0.0

    def _told_apart(self) -> Iterator[Resource]:
        """The files that can be sent alone: two with one process would be versions of it."""
        owned = Counter(each for r in self._resources for each in identities(r))
        for resource in self._resources:
            if all(owned[each] == 1 for each in identities(resource)):
                yield resource

    def _refuse(self, refusals: dict[str, str], deployed: Sequence[DeployedProcess]) -> None:
        self._refusals, self._deployed = refusals, deployed
        self.refused = "\n".join(dict.fromkeys(refusals.values()))
        rest = f"; deployed: {_names(deployed)}" if deployed else ""
        self.status = f"refused: {self.refused}{rest}"
        self._done.set()
        text = "the processes were refused: {}{}"
        self._log.enter(self.status, "ERROR", text, self.refused, rest)

    def _postpone(self, error: GatewayError, backoff: GatewayBackoff) -> float:
        self.status = f"pending: {error.reason}"
        text = "the processes cannot be brought to the engine: {} {}; trying until they can"
        # Why there is no token is said once for all, by what fetches jobs.
        if not error.no_token:
            self._log.enter(error.status, "WARNING", text, error.status, error.message[:300])
        return backoff.after(error)

    def _note(self, deployed: Sequence[DeployedProcess]) -> None:
        others = [each.name for each in self._resources if not each.is_diagram]
        status = ", ".join([*filter(None, [_names(deployed)]), *others])
        self._log.enter(status, "INFO", "deployed: {}", status)
        self.status, self.refused, self._refusals = status, "", {}
        self._deployed = deployed
        self._done.set()


def _names(deployed: Sequence[DeployedProcess]) -> str:
    return ", ".join(f"{p.process_id} v{p.version}" for p in deployed)
