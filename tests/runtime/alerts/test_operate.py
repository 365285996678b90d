"""The watcher hears of incidents that no worker caused, once, over restarts and pages."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.support.diagrams import bpmn

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime import ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.alerts.channels import CallableChannel
from workflow_runtime.alerts.dispatcher import AlertDispatcher
from workflow_runtime.alerts.operate import OperateClient, OperateError, operate_client
from workflow_runtime.alerts.watcher import OperateWatcher
from workflow_runtime.observers import Observer

NOW = 1_800_000_000_000


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


async def test_a_restart_neither_repeats_nor_misses(operate, make, tmp_path):
    cursor, first, second = tmp_path / "cursor.json", Ears(), Ears()
    operate.feed("CREATED", 1, NOW, value(instance=10))
    operate.feed("CREATED", 2, NOW, value(instance=20))
    watcher = make(first, cursor=cursor)
    await watcher.look()
    await watcher.stop()
    operate.feed("RESOLVED", 1, NOW, {})
    operate.feed("CREATED", 3, NOW - 10**9, value(instance=30))
    watcher = make(second, cursor=cursor)
    await watcher.look()
    await watcher.stop()
    assert [alert.incident_key for alert in first.found] == [1, 2]
    assert [alert.incident_key for alert in second.found] == [3]
    assert second.resolved == [("order", 10, 1)]


async def test_the_end_of_what_was_told_before_a_restart_is_told(operate, make, tmp_path):
    cursor, told = tmp_path / "cursor.json", []
    operate.feed("CREATED", 1, NOW, value(instance=10))
    watcher = make(Ears(), cursor=cursor)
    await watcher.look()
    await watcher.stop()
    alerts = AlertDispatcher("shop", [CallableChannel(told.append)])
    watcher = make(alerts, cursor=cursor)
    await alerts.start()
    await watcher.look()
    operate.feed("RESOLVED", 1, NOW, {})
    await watcher.look()
    await watcher.stop()
    await alerts.stop()
    assert [(str(notice.kind), notice.title) for notice in told] == [
        ("resolved", "Resolved: order: decide")
    ]


@pytest.mark.parametrize("text", ["", "{", '{"open": {"x": 1}}', "[]"])
async def test_a_broken_cursor_is_a_new_start(operate, make, tmp_path, text):
    cursor, ears = tmp_path / "cursor.json", Ears()
    cursor.write_text(text, encoding="utf-8")
    operate.feed("CREATED", 1, NOW, value())
    watcher = make(ears, cursor=cursor)
    await watcher.look()
    await watcher.stop()
    assert len(ears.found) == 1
    assert json.loads(cursor.read_text(encoding="utf-8")) == {"open": {"1": ["order", 10, 1]}}


async def test_without_a_cursor_only_young_incidents_are_told_at_first(operate, make):
    ears = Ears()
    operate.feed("CREATED", 1, NOW - 2 * 3600 * 1000, value())
    operate.feed("CREATED", 2, NOW - 60 * 1000, value())
    watcher = make(ears, lookback=timedelta(hours=1))
    await watcher.look()
    await watcher.stop()
    assert [alert.incident_key for alert in ears.found] == [2]
    assert ears.counts == {"order": 2}


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
    watcher = OperateWatcher(client, service="shop", interval=timedelta(milliseconds=10))
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
        operate_watch=True,
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
