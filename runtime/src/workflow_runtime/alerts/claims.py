"""What one replica of many does: claimed at the engine, which all of them share.

A claim is a message that nobody waits for. The engine takes its id once while it keeps the message
(semantics#message-id); the same id with no time to live is a question, and leaves nothing behind.
Why no database and no Lease of Kubernetes: docs/decisions/claims-at-the-engine.md.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from workflow_runtime._log.state_log import StateLog
from workflow_runtime.gateway.errors import AlreadyExists, GatewayError, TransientGatewayError
from workflow_runtime.gateway.port import Gateway

__all__ = ["Claims", "Ring"]

_NAME = "workflowRuntimeClaim"
"""The name of the messages; no process of a user's waits for it."""
_PATIENCE = timedelta(seconds=5)
"""How long the engine has for an answer: somebody waits to be told of an incident."""
_SLOTS = 8
"""Ids of a ring. One can be taken again when its time is over and the broker's next sweep, within
a minute, has forgotten it: renewed at a third of its time, no ring needs more."""


class Claims:
    """Claims among the replicas of one service.

    Every method raises a `TransientGatewayError` if the engine cannot say now. Who may not publish
    messages does what there is to do as if there were no other replicas.

    Args:
        gateway: the engine that the replicas share.
        service: the service's name: other services have claims of their own.
    """

    def __init__(self, gateway: Gateway, service: str) -> None:
        self._gateway = gateway
        self._service = service
        self._log = StateLog()

    async def take(self, name: str, seconds: float) -> bool:
        """Claims ``name`` for so many seconds; False if somebody has it, this replica included."""
        try:
            await self._gateway.publish_message(
                _NAME,
                self._service,
                {},
                time_to_live=timedelta(seconds=seconds),
                message_id=name,
                deadline=_PATIENCE,
            )
        except AlreadyExists:
            return False
        except TransientGatewayError:
            raise
        except GatewayError as error:
            text = "the engine refuses claims ({}): each replica tells of incidents by itself"
            self._log.enter("refused", "WARNING", text, error.status)
        return True

    async def is_taken(self, name: str) -> bool:
        """Asks whether anybody has ``name``."""
        return not await self.take(name, 0.0)


class Ring:
    """A claim that is kept up, by one replica or by several: its next id is taken in time.

    A message cannot be kept for longer than was said at first, nor taken back. So the claim has
    several ids, and holds while any of them is taken; given up by all, it ends after its time.

    Args:
        claims: of the service.
        name: what is claimed.
        seconds: how long it holds after the last `renew`, and up to a minute more at a broker.
    """

    def __init__(self, claims: Claims, name: str, seconds: float) -> None:
        self._claims = claims
        self._ids = [f"{name} {slot}" for slot in range(_SLOTS)]
        self._seconds = seconds
        self._next = 0
        self._begun = False

    async def holds(self) -> bool:
        """Asks whether any replica has it."""
        return any(await asyncio.gather(*map(self._claims.is_taken, self._ids)))

    async def take(self) -> bool:
        """Takes it if no replica has it; of several at once one succeeds."""
        if await self.holds():
            return False
        self._begun, self._next = True, 0
        return await self._take_next()

    async def renew(self) -> bool:
        """Keeps it up; False if another replica has done so since the last time."""
        if await self._take_next():
            self._begun = True
            return True
        # Whoever comes in goes behind the newest id; from then on all take turns at the same one,
        # so that however many replicas there are, a round takes one id.
        for _ in self._ids:
            if not await self._claims.is_taken(self._ids[self._next]):
                break
            self._step()
        begun, self._begun = self._begun, True
        return not begun and await self._take_next()

    async def _take_next(self) -> bool:
        taken = await self._claims.take(self._ids[self._next], self._seconds)
        self._step()
        return taken

    def _step(self) -> None:
        self._next = (self._next + 1) % _SLOTS
