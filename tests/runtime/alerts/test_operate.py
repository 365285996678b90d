"""The watcher hears of incidents that no worker caused, once, over restarts and pages."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.support.diagrams import bpmn

from workflow_devkit.engine import Engine
from workflow_devkit.engine.clock import ControlledClock
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime import ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.alerts.dispatcher import AlertDispatcher
from workflow_runtime.alerts.operate import OperateClient, OperateError, operate_client
from workflow_runtime.alerts.replicas import Replicas
from workflow_runtime.alerts.stories import Stories
from workflow_runtime.alerts.text import Wording
from workflow_runtime.alerts.watcher import OperateWatcher
from workflow_runtime.observers import Observer

NOW = 1_800_000_000_000
MINUTE = 60_000


class Ears(Observer):
    def __init__(self):
        self.found, self.resolved, self.counts = [], [], {}
        self.states = asyncio.Queue()

    def incident_found(self, alert):
        self.found.append(alert)

    def incident_resolved(self, process_id, instance_key, key):
        self.resolved.append((process_id, instance_key, key))

    def incidents_open(self, counts):
        self.counts = dict(counts)

    def incidents_unwatched(self):
        self.counts = None

    def watcher_state(self, state):
        self.states.put_nowait(state)


def value(instance=10, process="order", job_key=-1, **others):
    return {
        "errorType": "CONDITION_ERROR",
        "errorMessage": "no flow",
        "elementId": "decide",
        "elementInstanceKey": instance + 1,
        "bpmnProcessId": process,
        "processInstanceKey": instance,
        "processDefinitionKey": 7 if process == "order" else 8,
        "jobKey": job_key,
        **others,
    }


@pytest.fixture
async def operate():
    operate = OperateDouble()
    await operate.start()
    yield operate
    await operate.stop()


@pytest.fixture
def make(operate):
    def make(ears, page=1000, **options):
        client = OperateClient(operate.url, user="demo", password="demo", page=page)
        watcher = OperateWatcher(
            client,
            AlertDispatcher("shop").stories,
            service="shop",
            clock=lambda: datetime.fromtimestamp(NOW / 1000, UTC),
            **options,
        )
        watcher.connect(ears)
        return watcher

    return make


async def test_an_incident_is_told_once_and_its_end_too(operate, make):
    ears = Ears()
    watcher = make(ears)
    await watcher.look()
    operate.feed("CREATED", 5, NOW, value())
    await watcher.look()
    operate.settle()
    await watcher.look()
    (alert,) = ears.found
    assert (alert.process_id, alert.element_id, alert.instance_key) == ("order", "decide", 10)
    assert (alert.error_type, alert.message, alert.incident_key) == (
        "CONDITION_ERROR",
        "no flow",
        5,
    )
    assert ears.counts == {"order": 1}
    operate.feed("RESOLVED", 5, NOW, {})
    await watcher.look()
    assert (ears.resolved, ears.counts) == ([("order", 10, 5)], {})
    await watcher.stop()


async def test_an_incident_that_settles_between_the_two_searches_stays_open():
    class SettlesBeforeItsSecondSearch(list):
        def append(self, request):
            super().append(request)
            if sum("incidents/search" in each for each in self) == 2:
                operate.settle()

    operate = OperateDouble()
    operate.requests = SettlesBeforeItsSecondSearch()
    client = OperateClient(await operate.start(), user="demo", password="demo")
    operate.feed("CREATED", 5, NOW, value())
    found = await client.open_incidents()
    assert [(item["key"], item["state"]) for item in found] == [(5, "ACTIVE")]
    await client.close()
    await operate.stop()


async def test_all_pages_are_read(operate, make):
    ears = Ears()
    watcher = make(ears, page=3)
    for key in range(1, 9):
        # The same time on all: only the key keeps pages apart.
        operate.feed("CREATED", key, NOW, value(instance=key * 10))
    await watcher.look()
    assert sorted(alert.incident_key for alert in ears.found) == list(range(1, 9))
    await watcher.stop()


@pytest.mark.parametrize(
    ("header", "cookie"),
    [
        ("OPERATE-X-CSRF-TOKEN", False),
        ("OPERATE-X-CSRF-TOKEN", True),
        ("X-CSRF-TOKEN", False),
        ("", False),
    ],
)
async def test_the_csrf_token_goes_back_under_the_name_it_came(header, cookie):
    operate = OperateDouble(csrf_header=header, csrf_in_cookie=cookie)
    client = OperateClient(await operate.start(), user="demo", password="demo")
    assert await client.open_incidents() == []
    await client.close()
    await operate.stop()


async def test_a_bearer_token_needs_no_login():
    operate = OperateDouble(token="t0ken")
    client = OperateClient(await operate.start(), token="t0ken")
    assert await client.open_incidents() == []
    await client.close()
    await operate.stop()


async def test_a_session_that_has_ended_is_begun_again(operate):
    client = OperateClient(operate.url, user="demo", password="demo")
    await client.open_incidents()
    operate.forget_sessions()
    assert await client.open_incidents() == []
    await client.close()


async def test_refused_credentials_and_an_absent_operate_are_one_clear_error(operate):
    client = OperateClient(operate.url, user="demo", password="hunter2")
    with pytest.raises(
        OperateError, match=r"refuses the login of demo \(401\): check WORKFLOW_OPERATE_USER"
    ) as caught:
        await client.open_incidents()
    assert "hunter2" not in str(caught.value)
    await client.close()
    gone = OperateClient("http://127.0.0.1:1", user="demo", password="demo")
    with pytest.raises(OperateError, match="ClientConnectorError"):
        await gone.open_incidents()
    await gone.close()


def stories(told, gateway, clock):
    """Stories that a replica tells, at once."""
    wording = Wording()
    replicas = Replicas(gateway, "shop", watched=True)
    return Stories(wording, 600, lambda n: told.append(n.title), clock, replicas=replicas)


async def watched_once(operate, told, gateway, *, now=NOW):
    """What a process tells that starts, looks once and is killed."""
    client = OperateClient(operate.url, user="demo", password="demo")
    watcher = OperateWatcher(
        client,
        stories(told, gateway, lambda: now / 1000),
        service="shop",
        clock=lambda: datetime.fromtimestamp(now / 1000, UTC),
    )
    ears = Ears()
    watcher.connect(ears)
    await watcher.look()
    await watcher.stop()
    return ears


async def test_a_restart_neither_repeats_nor_misses(operate):
    gateway, told = EmbeddedGateway(Engine()), []
    operate.feed("CREATED", 1, NOW, value(instance=10))
    operate.feed("CREATED", 2, NOW, value(instance=20))
    first = await watched_once(operate, told, gateway)
    operate.feed("CREATED", 3, NOW + 1, value(instance=30, elementId="other"))
    second = await watched_once(operate, told, gateway)
    assert told == ["Incident in order: decide (2 of them)", "Incident in order: other"]
    # Nor are they counted once more.
    assert [each.incident_key for each in first.found] == [1, 2]
    assert [each.incident_key for each in second.found] == [3]


async def test_after_hours_without_any_replica_only_what_nobody_has_watched_is_told():
    operate = OperateDouble()
    await operate.start()
    clock = ControlledClock(datetime.fromtimestamp(NOW / 1000, UTC))
    gateway, told = EmbeddedGateway(Engine(clock=clock)), []
    operate.feed("CREATED", 1, NOW - 10 * MINUTE, value())
    # Watched at ten minutes before, and still there.
    await watched_once(operate, told, gateway, now=NOW - 7 * MINUTE)
    await watched_once(operate, told, gateway)
    operate.feed("CREATED", 2, NOW + 60 * MINUTE, value(instance=20, elementId="other"))
    clock.advance(timedelta(hours=5))
    await watched_once(operate, told, gateway, now=NOW + 5 * 60 * MINUTE)
    assert told == ["Incident in order: decide", "Incident in order: other"]
    await operate.stop()


async def test_where_nobody_has_watched_before_only_young_incidents_are_told(operate):
    told = []
    operate.feed("CREATED", 1, NOW - 2 * 60 * MINUTE, value(elementId="old"))
    operate.feed("CREATED", 2, NOW - MINUTE, value(elementId="young"))
    ears = await watched_once(operate, told, EmbeddedGateway(Engine()))
    assert told == ["Incident in order: young"]
    assert ears.counts == {"order": 2}


async def test_an_incident_waits_until_operate_knows_its_element(operate, make):
    ears = Ears()
    watcher = make(ears)
    await watcher.look()
    operate.feed("CREATED", 1, NOW, value(elementId=""))
    await watcher.look()
    assert ears.found == []
    operate.feed("CREATED", 1, NOW, value())
    await watcher.look()
    assert [alert.element_id for alert in ears.found] == ["decide"]
    await watcher.stop()


async def test_only_the_services_own_processes_are_watched(operate, make):
    ears = Ears()
    operate.feed("CREATED", 1, NOW, value())
    operate.feed("CREATED", 2, NOW, value(process="other"))
    watcher = make(ears, processes={"order"})
    await watcher.look()
    await watcher.stop()
    assert [alert.process_id for alert in ears.found] == ["order"]


async def test_while_operate_is_away_nobody_says_how_many_incidents_are_open():
    operate, ears = OperateDouble(), Ears()
    await operate.start()
    client = OperateClient(operate.url, user="demo", password="demo")
    told = AlertDispatcher("shop").stories
    watcher = OperateWatcher(client, told, service="shop", interval=timedelta(milliseconds=10))
    await watcher.start(SimpleNamespace(observers=ears))
    assert await asyncio.wait_for(ears.states.get(), 10) == "watching"
    assert ears.counts == {}
    await operate.stop()
    assert await asyncio.wait_for(ears.states.get(), 30) == "blind"
    assert ears.counts is None
    await watcher.stop()


_BPMN = bpmn(
    """
    start start
    xor decide
    end end
    start -> decide
    decide -> end if =missing > 1
    """,
    "order",
)


async def test_a_service_hears_of_a_condition_that_nobody_can_evaluate(operate, tmp_path):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    told, engine = asyncio.Queue(), Engine()
    settings = WorkflowSettings(
        service_name="shop",
        operate_url=operate.url,
        operate_user="demo",
        operate_password="demo",
        operate_interval=timedelta(milliseconds=10),
    )
    builder = WorkflowBuilder(settings=settings, gateway=EmbeddedGateway(engine))
    builder.with_process(tmp_path / "order.bpmn").with_alerts(told.put)
    async with builder.running() as workflow:
        instance = await workflow.start_process("order")
        for record in engine.records:
            if record.value_type == "INCIDENT":
                operate.feed(record.intent, record.key, record.timestamp, record.value)
        notice = await asyncio.wait_for(told.get(), 10)
    assert notice.title == "Incident in order: decide"
    assert notice.operate_link == f"{operate.url}/processes/{instance.key}"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no address of Operate is set: set WORKFLOW_OPERATE_URL"),
        ({"operate_url": "operate:8081"}, "neither http:// nor https://"),
        ({"operate_url": "http://operate:8080", "operate_password": "x"}, "in plain text"),
    ],
)
def test_an_address_that_cannot_be_used_is_said(settings, said):
    with pytest.raises(ConfigurationError, match=said):
        operate_client(WorkflowSettings(**settings))
