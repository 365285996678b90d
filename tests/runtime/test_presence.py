"""Is what was deployed still there? Asked where partitions differ and brokers are old."""

from dataclasses import replace

import pytest
from tests.runtime.worker.fake_gateway import FakeGateway

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import presence
from workflow_runtime.gateway.errors import GatewayError, Unauthenticated, Unavailable
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
    assert cluster.asked == 2 * 3 * 2 * 2


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


async def test_a_version_that_was_deleted_after_a_newer_one_came_is_no_loss():
    assert not await presence.is_lost(Cluster({("order", 4)}), [ORDER])


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setattr(presence, "_SETTLED", 0)
    return EmbeddedGateway(Engine())


async def test_of_replicas_that_have_lost_all_the_older_hears_of_the_newer(engine):
    older, newer = replace(ORDER, version=2), replace(ORDER, version=5)
    assert not await presence.is_outrun(engine, [newer])
    assert await presence.is_outrun(engine, [older])
    # Asking leaves nothing that another one could take for an answer.
    assert not await presence.is_outrun(engine, [newer])
    assert await presence.is_outrun(engine, [BILL, older])
    assert not await presence.is_outrun(engine, [BILL])


async def test_who_may_not_publish_hears_of_nobody(engine, monkeypatch):
    async def refuse(*_, **__):
        raise Unauthenticated("no")

    monkeypatch.setattr(engine, "publish_message", refuse)
    assert not await presence.is_outrun(engine, [ORDER])
