"""``workflow status``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import as_pairs, emit

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway
    from workflow_runtime.gateway.values import BrokerInfo, Topology

_PATIENCE = timedelta(seconds=5)


def status(address: Address = None, as_json: AsJson = False) -> None:
    """Show the cluster: gateway, brokers, partitions and their health.

    Exit codes: 0 shown, 1 refused, 2 usage error, 3 no answer, 4 credentials refused.
    """

    async def ask(gateway: Gateway) -> Topology:
        return await gateway.topology(deadline=_PATIENCE)

    topology = with_gateway(address, ask)
    emit(as_json, asdict(topology), _lines(topology))


def _lines(topology: Topology) -> list[str]:
    head = (
        f"gateway {topology.gateway_version}, brokers {topology.cluster_size}, "
        f"partitions {topology.partitions}, replication {topology.replication_factor}"
    )
    return [head, *map(_broker_line, topology.brokers)]


def _broker_line(broker: BrokerInfo) -> str:
    partitions = {f"partition-{key}": state for key, state in broker.partitions.items()}
    return f"  {broker.address} version {broker.version} {as_pairs(partitions)}"
