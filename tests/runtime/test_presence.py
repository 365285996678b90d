"""Is what was deployed still there? Asked where partitions differ and brokers are old."""

import pytest
from tests.runtime.worker.fake_gateway import FakeGateway

from workflow_runtime import presence
from workflow_runtime.gateway.errors import GatewayError, Unavailable
from workflow_runtime.gateway.values import BrokerInfo, DeployedProcess, Topology

ORDER, BILL = DeployedProcess("order", 3, 1, "o.bpmn"), DeployedProcess("bill", 2, 2, "b.bpmn")


class Cluster(FakeGateway):
    """Partitions that are asked in turn, each with what it knows."""

    def __init__(self, *partitions, version="8.5.8", brokers=True):
        super().__init__()
        self.partitions, self.version, self.brokers, self.asked = partitions, version, brokers, 0

    async def topology(self, *, deadline=None):
        broker = BrokerInfo("broker:26501", self.version)
        count = len(self.partitions)
        return Topology("8.5.8", 1, count, 1, [broker] if self.brokers else [])

    async def has_process(self, process_id, version=-1, *, deadline=None):
        known = self.partitions[self.asked % len(self.partitions)]
        self.asked += 1
        return any(i == process_id and version in {v, -1} for i, v in known)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(presence, "_BETWEEN", 0)


async def test_a_partition_that_was_not_told_yet_is_no_loss():
    cluster = Cluster({}, {}, {("order", 3)})
    assert not await presence.is_lost(cluster, [ORDER])


async def test_all_partitions_without_it_are_a_loss():
    cluster = Cluster({("order", 1)}, {}, {("bill", 1)})
    assert await presence.is_lost(cluster, [ORDER, BILL])
    assert cluster.asked == 2 * 3 * 2


async def test_one_process_that_somebody_has_deleted_is_no_loss():
    assert not await presence.is_lost(Cluster({("bill", 2)}), [ORDER, BILL])


@pytest.mark.parametrize("version", ["8.0.14", "1.3.14", "", "main"])
async def test_a_broker_that_would_start_an_instance_is_not_asked(version):
    cluster = Cluster({("order", 3)}, version=version)
    with pytest.raises(GatewayError) as caught:
        await presence.is_lost(cluster, [ORDER])
    assert caught.value.status == "UNIMPLEMENTED"
    assert cluster.asked == 0


async def test_a_gateway_that_sees_no_broker_yet_is_asked_later():
    with pytest.raises(Unavailable):
        await presence.is_lost(Cluster({}, brokers=False), [ORDER])


async def test_a_newer_version_of_one_process_is_enough():
    assert await presence.has_newer(Cluster({("order", 3), ("bill", 3)}), [ORDER, BILL])
    assert not await presence.has_newer(Cluster({("order", 3), ("bill", 2)}), [ORDER, BILL])
