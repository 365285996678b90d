"""Two replicas of two releases: whatever line and engine do, nothing old becomes the newest."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from loguru import logger
from tests.support.diagrams import bpmn
from tests.support.waiting import until

from workflow_devkit.engine import Engine, grpc_server
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime import ProcessNotFound, WorkflowBuilder, WorkflowSettings, deployment
from workflow_runtime._worker import gateway_probe

ID = "rolled"
DIAGRAM = """
start start
service work job=rolled_work
end {release}
start -> work -> {release}
"""
OLD, NEW = "old", "new"
ASK = "CreateProcessInstance"
HANDLED = pytest.mark.parametrize("handled", [True, False], ids=["handlers", "no handlers"])


async def nothing(task):
    return None


class Site:
    """An engine on one port, and replicas of releases, which differ in their diagram."""

    def __init__(self, folder):
        self.faults = Faults(names=RPCS)
        # Strikes every call, so that they are counted.
        self.faults.delay(ASK, 0)
        self.port = 0
        self._folder = folder
        self._server = None
        self._workflows = []
        self._replicas = contextlib.AsyncExitStack()

    @property
    def asked(self):
        return self.faults.hits.get(ASK, 0)

    @property
    def releases(self):
        """Whose diagram each version is, oldest first."""
        definitions = self._server.engine.definitions()
        return [next(r for r in (OLD, NEW) if r in p.nodes) for p in definitions]

    async def serve(self, engine=None):
        self._server = await serve(engine or Engine(), port=self.port, faults=self.faults)
        self.port = self._server.port

    async def restart(self, engine=None):
        """The engine goes, and comes back with its data or, as another one, without."""
        await self._server.stop()
        await until(lambda: not any(each.health().ready for each in self._workflows))
        await self.serve(engine or self._server.engine)

    async def start(self, release, *, handled=True):
        path = self._folder / release / f"{ID}.bpmn"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bpmn(DIAGRAM.format(release=release), ID))
        settings = WorkflowSettings(
            service_name=release,
            address=f"http://127.0.0.1:{self.port}",
            long_poll=timedelta(seconds=0.2),
        )
        builder = WorkflowBuilder(settings=settings).with_process(path)
        if handled:
            builder.with_handler(f"{ID}_work", nothing)
        workflow = await self._replicas.enter_async_context(builder.running())
        await workflow.deployed()
        self._workflows.append(workflow)
        await until(lambda: workflow.health().ready)
        return workflow

    async def stop(self):
        await self._replicas.aclose()
        await self._server.stop()


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(gateway_probe, "_INTERVAL", 0.05)


@pytest.fixture
def captured():
    lines = []
    sink = logger.add(lines.append, format="{message}")
    yield lambda text: any(text in line for line in lines)
    logger.remove(sink)


@pytest.fixture
async def site(tmp_path):
    made = Site(tmp_path)
    await made.serve()
    yield made
    await made.stop()


@pytest.fixture
async def rolling(site):
    """An old replica, then a new one."""
    return [await site.start(OLD), await site.start(NEW)]


async def settled(*workflows):
    """Waits until replicas have had an answer again."""
    await until(lambda: all(each.health().ready for each in workflows))


@HANDLED
@pytest.mark.parametrize("status", ["RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL"])
async def test_a_refused_poll_deploys_nothing(site, handled, status):
    old = await site.start(OLD, handled=handled)
    await site.start(NEW)
    for times in (1, 2, 3):
        asked = site.asked
        site.faults.fail("ActivateJobs" if handled else "Topology", status, times=2 * times)
        await until(lambda asked=asked: site.asked > asked or len(site.releases) > 2)
        await settled(old)
    assert site.releases == [OLD, NEW]


async def test_connections_that_are_ended_again_and_again_count_no_versions_up(
    tmp_path, monkeypatch
):
    short = (("grpc.max_connection_age_ms", 300), ("grpc.max_connection_age_grace_ms", 50))
    monkeypatch.setattr(grpc_server, "_OPTIONS", (*grpc_server._OPTIONS, *short))
    site = Site(tmp_path)
    await site.serve()
    try:
        await site.start(OLD)
        await site.start(NEW)
        await until(lambda: site.asked >= 20 or len(site.releases) > 2)
        assert site.releases == [OLD, NEW]
    finally:
        await site.stop()


@HANDLED
async def test_an_engine_that_comes_back_with_its_data_is_given_nothing(site, handled):
    replicas = [await site.start(each, handled=handled) for each in (OLD, NEW)]
    for _ in range(3):
        asked = site.asked
        await site.restart()
        await until(lambda asked=asked: site.asked >= asked + 2 or len(site.releases) > 2)
        await settled(*replicas)
    assert site.releases == [OLD, NEW]


@pytest.mark.parametrize("attempt", range(3))
async def test_after_a_loss_the_new_diagram_is_the_newest(site, rolling, attempt):
    await site.restart(Engine())
    await until(lambda: NEW in site.releases)
    await settled(*rolling)
    instance = await rolling[0].start_process(ID)
    assert instance.version == len(site.releases) <= 2
    assert site.releases[-1] == NEW


async def test_an_old_replica_deploys_only_where_no_newer_one_does(site, monkeypatch):
    monkeypatch.setattr(deployment, "_NEWER_FIRST", 0.5)
    # Older releases have counted the version up: its number does not tell who was first.
    for release in (NEW, OLD, NEW):
        workflow = await site.start(release)
        await workflow.stop(0)
    old, new = await site.start(OLD), await site.start(NEW)
    assert (await old.start_process(ID)).version == 5
    for _ in range(3):
        await site.restart(Engine())
        await until(lambda: NEW in site.releases)
        await settled(old, new)
        # The silence of the old one is what is tested.
        await asyncio.sleep(1)
        assert site.releases[-1] == NEW
    await new.stop(0)
    await site.restart(Engine())
    await until(lambda: site.releases == [OLD])


async def test_a_version_that_never_was_is_not_found_and_deploys_nothing(site, rolling):
    for workflow in rolling:
        with pytest.raises(ProcessNotFound):
            await workflow.start_process(ID, version=99)
    assert site.releases == [OLD, NEW]


async def test_where_the_engine_may_not_be_asked_nothing_is_deployed(site, captured):
    old = await site.start(OLD)
    await site.start(NEW)
    site.faults.fail(ASK, "PERMISSION_DENIED", times=-1)
    site.faults.fail("ActivateJobs", "UNAVAILABLE", times=4)
    await until(lambda: captured("cannot be told, PERMISSION_DENIED"))
    await settled(old)
    assert site.releases == [OLD, NEW]


async def test_a_proxy_that_finds_nothing_is_no_engine_that_has_lost_everything(site, captured):
    old = await site.start(OLD)
    await site.start(NEW)
    site.faults.fail(ASK, "NOT_FOUND", times=-1)
    site.faults.fail("ActivateJobs", "UNAVAILABLE", times=4)
    await until(lambda: captured("cannot be told, NOT_FOUND"))
    await settled(old)
    assert site.releases == [OLD, NEW]


async def test_a_question_that_is_not_answered_is_asked_again(site, rolling):
    site.faults.fail(ASK, "UNAVAILABLE", times=4)
    await site.restart()
    await until(lambda: site.asked >= 6)
    await settled(*rolling)
    assert site.releases == [OLD, NEW]


async def test_no_instance_is_started_by_a_question(site, rolling):
    for _ in range(3):
        asked = site.asked
        await site.restart()
        await until(lambda asked=asked: site.asked > asked)
    await asyncio.gather(*(each.deployed() for each in rolling))
    records = site._server.engine.records
    assert not [r for r in records if r.value_type.startswith("PROCESS_INSTANCE")]
