"""Incidents are told once, counted, limited, sent again, and never in a job's way."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from loguru import logger
from tests.runtime.alerts.raised import alert
from tests.support.diagrams import one_task
from typer.main import get_command

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    TaskHandlerConfig,
    WorkflowBuilder,
    WorkflowIncident,
)
from workflow_runtime import WorkflowSettings as Settings
from workflow_runtime.alerts.dispatcher import AlertDispatcher
from workflow_runtime.alerts.model import Kind
from workflow_runtime.alerts.remedies import REMEDIES, remedy
from workflow_runtime.alerts.text import Wording
from workflow_runtime.cli._app import app

ROOT = Path(__file__).parents[3]


class Desk:
    """A channel that remembers; ``failures`` first sends fail."""

    name = "desk"

    def __init__(self, failures=0):
        self.failures = failures
        self.notices = []

    async def send(self, notice):
        if self.failures:
            self.failures -= 1
            raise OSError("no line")
        self.notices.append(notice)

    @property
    def kinds(self):
        return [str(n.kind) for n in self.notices]


class Now:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def logged():
    """Lines of all levels."""
    lines = []
    sink = logger.add(lambda line: lines.append(str(line)), level="TRACE")
    yield lines
    logger.remove(sink)


async def no_wait(_seconds):
    await asyncio.sleep(0)


def dispatcher(*channels, now=None, **options):
    return AlertDispatcher("shop", channels, clock=now or Now(), sleep=no_wait, **options)


async def told(desk, *steps, **options):
    """Runs steps against a dispatcher that is then stopped: everything is sent."""
    alerts = dispatcher(desk, **options)
    await alerts.start()
    for step in steps:
        step(alerts)
    await alerts.stop()
    return desk.notices


_TRACE = '  File "shop.py", line 3, in pay\n    raise ValueError\n'


async def test_an_alert_begins_with_what_happened_and_what_to_do_and_ends_with_the_code():
    wording = Wording("https://operate/", "https://wiki/{process_id}/{element_id}")
    raised = alert(f"ValueError: no\n\n{_TRACE}")
    (notice,) = await told(Desk(), lambda a: a.incident_raised(raised), wording=wording)
    assert notice.title == "Incident in order: pay"
    assert notice.operate_link == "https://operate/processes/10"
    resolve = "workflow incidents resolve --instance 10 --element pay"
    assert notice.body == (
        "ValueError: no\n\n"
        f"Next: remove the cause, then `{resolve}`\n"
        "Operate: https://operate/processes/10\n"
        "Runbook: https://wiki/order/pay\n\n"
        "Service: shop\nProcess: order, instance 10\nElement: pay (order_pay)\n"
        "Error: JOB_NO_RETRIES\nJob: 1\nSince: 2026-01-01 00:00:00 UTC\n\n"
        "Before that:\n- TimeoutError: first\n\n" + _TRACE.rstrip()
    )


async def test_what_failed_in_the_same_way_before_is_said_once_and_without_its_code():
    attempts = tuple(f"{text}\n\n{_TRACE}" for text in ("no line", "no", "no", "no"))
    (notice,) = await told(Desk(), lambda a: a.incident_raised(alert(attempts=attempts)))
    assert "Before that:\n- no line\n- no (2 times)" in notice.body
    assert "shop.py" not in notice.body


@pytest.mark.parametrize(
    ("error_type", "known", "said"),
    [
        ("JOB_NO_RETRIES", {"incident_key": 9}, "`workflow resolve 9 --job 1`"),
        ("CONDITION_ERROR", {"incident_key": 9, "job": 0}, "`workflow resolve 9`"),
        (
            "CONDITION_ERROR",
            {"incident_key": 9},
            "`workflow set-scope --instance 10 --element pay --var NAME=VALUE`",
        ),
        ("UNHANDLED_ERROR_EVENT", {}, "`workflow cancel 10`"),
        ("SOMETHING_NEW", {}, "`workflow incidents resolve --instance 10 --element pay`"),
    ],
)
def test_each_type_of_error_has_its_remedy_with_a_command_to_copy(error_type, known, said):
    assert said in remedy(alert(error_type=error_type, **known))


def test_the_commands_of_the_remedies_exist():
    texts = [
        remedy(alert(error_type=kind, incident_key=key)) for kind in REMEDIES for key in (0, 9)
    ]
    commands = {command for text in texts for command in re.findall(r"`workflow ([^`]+)`", text)}
    for command in commands:
        understood(command.split())


def understood(words):
    """Reads a command line as `workflow` does, without running it."""
    command, name = get_command(app), "workflow"
    while hasattr(command, "resolve_command"):
        context = command.context_class(command)
        name, listed, words = command.resolve_command(context, words)
        command = listed.make_context(name, [], resilient_parsing=True).command
    command.make_context(name, words)


def test_the_page_for_people_on_call_has_the_same_types_of_errors():
    page = (ROOT / "docs" / "how-to" / "on-call.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == set(REMEDIES)


async def test_the_same_error_at_the_same_element_is_one_alert_with_a_count():
    now, desk = Now(), Desk()

    def later(alerts):
        now.seconds = 601
        alerts.tick()

    messages = ["order 17 is lost", "order 18 is lost", "order 19 is lost"]
    raised = [
        lambda a, m=m, n=n: a.incident_raised(alert(m, job=n)) for n, m in enumerate(messages)
    ]
    first, second = await told(desk, *raised, later, now=now)
    assert (first.kind, first.count) == (Kind.INCIDENT, 1)
    assert (second.kind, second.count) == (Kind.REPEATED, 2)
    assert second.title == "2 more incidents in order: pay"


async def test_another_error_or_element_is_another_alert():
    notices = await told(
        Desk(),
        lambda a: a.incident_raised(alert()),
        lambda a: a.incident_raised(alert("KeyError: other", job=2)),
        lambda a: a.incident_raised(alert(element="ship", job=3)),
    )
    assert [n.kind for n in notices] == [Kind.INCIDENT] * 3


async def test_the_last_resolved_incident_of_a_group_is_told_quietly():
    notices = await told(
        Desk(),
        lambda a: a.incident_raised(alert(job=1)),
        lambda a: a.incident_raised(alert(job=2)),
        lambda a: a.incident_resolved("order", 10, 1),
        lambda a: a.incident_resolved("order", 10, 2),
    )
    assert [n.kind for n in notices] == [Kind.INCIDENT, Kind.RESOLVED]
    assert notices[1].body == (
        "2 incidents resolved, none that a running replica has raised is left.\n\n"
        "Error: JOB_NO_RETRIES, ValueError"
    )


async def test_a_person_hears_which_of_two_kinds_at_one_element_is_over_and_which_is_left():
    notices = await told(
        Desk(),
        lambda a: a.incident_raised(alert("ValueError: no", job=1)),
        lambda a: a.incident_raised(alert("KeyError: other", job=2)),
        lambda a: a.incident_resolved("order", 10, 2),
    )
    over = notices[-1]
    assert over.kind == Kind.RESOLVED
    assert "Error: JOB_NO_RETRIES, KeyError" in over.body


async def test_more_alerts_than_allowed_come_as_one_that_names_them():
    now = Now()

    def a_minute_later(alerts):
        now.seconds = 60
        alerts.tick()

    raised = [lambda a, n=n: a.incident_raised(alert(element=f"e{n}", job=n)) for n in range(5)]
    notices = await told(Desk(), *raised, a_minute_later, now=now, per_minute=2)
    assert [n.kind for n in notices] == [Kind.INCIDENT, Kind.INCIDENT, Kind.HELD_BACK]
    assert notices[2].count == 3
    assert "Incident in order: e4" in notices[2].body


async def test_an_event_that_the_engine_refuses_is_told(monkeypatch):
    monkeypatch.setenv("WORKFLOW_OUTBOX_URL", "sqlite+aiosqlite://")
    (notice,) = await told(Desk(), lambda a: a.event_parked("order_paid", "id-1", "too large"))
    assert notice.title == "shop: event order_paid cannot be sent"
    assert notice.body.startswith("too large\n\nNext: ")
    for command in re.findall(r"`workflow ([^`]+)`", notice.body):
        understood(command.split())


async def test_what_could_not_be_sent_is_sent_again():
    desk = Desk(failures=3)
    await told(desk, lambda a: a.incident_raised(alert()))
    assert desk.kinds == ["incident"]


async def test_what_cannot_be_sent_at_all_is_logged_and_does_not_hold_up_others(logged):
    broken, desk = Desk(failures=10**6), Desk()
    alerts = dispatcher(broken, desk)
    await alerts.start()
    alerts.incident_raised(alert())
    await alerts.stop()
    assert desk.kinds == ["incident"]
    assert any("was not sent, the service has ended: Incident in order: pay" in x for x in logged)


async def test_a_channel_that_never_answers_holds_up_neither_the_jobs_nor_the_others(tmp_path):
    (tmp_path / "shop.bpmn").write_bytes(_BPMN)
    settings, told = Settings(service_name="shop", long_poll=0.02), asyncio.Event()

    async def never(notice):
        await asyncio.Event().wait()

    async def ring(notice):
        told.set()

    async def pay(task):
        if task.scope["bad"]:
            raise WorkflowIncident("the account is closed")

    builder = WorkflowBuilder(settings=settings, gateway=EmbeddedGateway(Engine()))
    builder.with_process(tmp_path / "shop.bpmn").with_handler("order_pay", pay)
    async with builder.with_alerts(never, ring).running() as workflow:
        await workflow.start_process("order", {"bad": True})
        await asyncio.wait_for(told.wait(), 10)
        for _ in range(3):
            await workflow.start_process_and_wait("order", {"bad": False}, timeout=10)


async def test_the_log_has_each_of_a_few_incidents_whatever_the_channels_are_spared(logged):
    raised = [lambda a, n=n: a.incident_raised(alert(job=n, instance=n)) for n in (1, 2, 3)]
    await told(Desk(), *raised, per_minute=1)
    lines = [line for line in logged if "Incident in order: pay" in line]
    assert [re.findall(r"instance (\d)", line) for line in lines] == [["1"], ["2"], ["3"]]


async def test_the_log_says_where_but_never_the_text_of_the_error(logged):
    lines = logged
    await told(Desk(), lambda a: a.incident_raised(alert("card 4111 is refused")))
    assert any("Incident in order: pay (JOB_NO_RETRIES, instance 10)" in line for line in lines)
    assert not any("4111" in line for line in lines)


_BPMN = one_task("order", "pay").content


async def test_a_job_that_fails_for_good_rings_and_its_repair_is_told_quietly(tmp_path, quick):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    seen, broken, engine = asyncio.Queue(), True, Engine()

    def pay(task):
        if broken:
            raise ValueError("no money")

    builder = WorkflowBuilder(
        settings=Settings(service_name="shop", operate_url="https://operate"),
        gateway=EmbeddedGateway(engine),
    )
    builder.with_process(tmp_path / "order.bpmn")
    config = TaskHandlerConfig(incident_max_retries=2, retry_timeout=timedelta(0))
    builder.with_handler("order_pay", pay, config).with_alerts(seen.put)
    async with builder.running() as workflow:
        instance = await workflow.start_process("order")
        first = await asyncio.wait_for(seen.get(), 10)
        broken = False
        incident = next(iter(engine.incidents)).key
        await workflow.resolve_incident(incident, job_key=first.alert.job_key)
        second = await asyncio.wait_for(seen.get(), 10)
    assert len(first.alert.attempts) == 2
    assert first.operate_link.endswith(f"/processes/{instance.key}")
    assert (first.kind, second.kind) == (Kind.INCIDENT, Kind.RESOLVED)
