"""Whether the engine still has what was deployed: asked, never guessed from a call that failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from workflow_runtime.gateway.errors import GatewayInternal, Unavailable
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import DeployedProcess, Topology
from workflow_runtime.versions import START_INSTRUCTIONS, Version

__all__ = ["has_any", "has_newer", "is_lost"]

_BETWEEN = 0.1
"""Seconds between two rounds of questions."""
_ROUNDS = 12
"""More are not asked, however many partitions there are."""


async def is_lost(gateway: Gateway, processes: Sequence[DeployedProcess]) -> bool:
    """Asks whether an engine knows nothing any more of what it had.

    Only if it says so of every process: one that is missing was deleted by somebody. And only if
    it says so again and again: a gateway asks its partitions in turn, and one of them may not
    have been told yet what was deployed a moment ago.

    Args:
        gateway: the engine.
        processes: what it had.

    Raises:
        GatewayError: it cannot be told, or not now.
    """
    rounds = min(2 * await _partitions(gateway), _ROUNDS)
    for _ in range(rounds):
        for each in processes:
            if await gateway.has_process(each.process_id, each.version):
                return False
        await asyncio.sleep(_BETWEEN)
    return True


async def has_newer(gateway: Gateway, processes: Sequence[DeployedProcess]) -> bool:
    """Asks whether somebody has deployed a newer version of one of these processes.

    Args:
        gateway: the engine.
        processes: as this service has deployed them.

    Raises:
        GatewayError: it cannot be told, or not now.
    """
    for each in processes:
        if await gateway.has_process(each.process_id, each.version + 1):
            return True
    return False


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
