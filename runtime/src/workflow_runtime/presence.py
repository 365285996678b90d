"""Whether the engine still has what was deployed: asked, never guessed from a call that failed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta

from workflow_runtime.gateway.errors import (
    AlreadyExists,
    GatewayInternal,
    Unauthenticated,
    Unavailable,
)
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import DeployedProcess, Topology
from workflow_runtime.versions import START_INSTRUCTIONS, Version

__all__ = ["has_any", "is_lost", "is_outrun"]

_BETWEEN = 0.1
"""Seconds between two rounds of questions."""
_ROUNDS = 12
"""More are not asked, however many partitions there are."""
_NAME = "workflowRuntimeLoss"
"""The name of the messages in which replicas say what they had."""
_KNOWN = timedelta(minutes=5)
"""How long the engine knows of them: until the last replica has noticed the loss."""
_SETTLED = 2.0
"""Seconds for others that notice it at the same moment."""
_AHEAD = 8
"""How many versions newer one may be."""


async def is_lost(gateway: Gateway, processes: Sequence[DeployedProcess]) -> bool:
    """Asks whether an engine knows nothing any more of what it had.

    Only if it says so of every process, and of the version after it: one that is missing was
    deleted by somebody. And only if it says so again and again: a gateway asks its partitions in
    turn, and one of them may not have been told yet what was deployed a moment ago.

    Args:
        gateway: the engine.
        processes: what it had.

    Raises:
        GatewayError: it cannot be told, or not now.
    """
    rounds = min(2 * await _partitions(gateway), _ROUNDS)
    for _ in range(rounds):
        for each in processes:
            for version in (each.version, each.version + 1):
                if await gateway.has_process(each.process_id, version):
                    return False
        await asyncio.sleep(_BETWEEN)
    return True


async def is_outrun(gateway: Gateway, processes: Sequence[DeployedProcess]) -> bool:
    """Asks whether a newer replica is there, among those that have noticed the same loss.

    An engine that has lost everything has lost who was newer too. So each replica says which
    versions it had: as a message that nobody waits for, whose id is known for a while
    (semantics#message-id). The same id once more, to be kept for no time, is a question.

    Args:
        gateway: the engine, which has lost these processes.
        processes: as this replica had deployed them.

    Raises:
        TransientGatewayError: it cannot be told now.
    """
    try:
        return await _hears_of_newer(gateway, processes)
    except (Unauthenticated, GatewayInternal):
        # Who may not publish finds out nothing, and the processes are needed.
        return False


async def _hears_of_newer(gateway: Gateway, processes: Sequence[DeployedProcess]) -> bool:
    for each in processes:
        with contextlib.suppress(AlreadyExists):
            await _say(gateway, each.process_id, each.version, _KNOWN)
    await asyncio.sleep(_SETTLED)
    for each in processes:
        for ahead in range(1, _AHEAD + 1):
            try:
                await _say(gateway, each.process_id, each.version + ahead, timedelta(0))
            except AlreadyExists:
                return True
    return False


async def _say(gateway: Gateway, process_id: str, version: int, kept: timedelta) -> None:
    await gateway.publish_message(
        _NAME, process_id, {}, time_to_live=kept, message_id=f"{process_id} v{version}"
    )


async def has_any(gateway: Gateway, processes: Sequence[DeployedProcess]) -> bool:
    """Asks whether the engine has one of these processes, in whatever version.

    Args:
        gateway: the engine.
        processes: whose ids are asked for.

    Raises:
        GatewayError: it cannot be told, or not now.
    """
    for each in processes:
        if await gateway.has_process(each.process_id):
            return True
    return False


async def _partitions(gateway: Gateway) -> int:
    topology = await gateway.topology()
    if not topology.brokers:
        raise Unavailable("the gateway has found no broker yet")
    for text in _versions(topology):
        version = Version.read(text)
        # An older one would start an instance instead of answering.
        if version is None or version < START_INSTRUCTIONS:
            raise GatewayInternal(f"a broker or gateway of version {text!r}", code="UNIMPLEMENTED")
    return max(1, topology.partitions)


def _versions(topology: Topology) -> list[str]:
    return [topology.gateway_version, *(broker.version for broker in topology.brokers)]
