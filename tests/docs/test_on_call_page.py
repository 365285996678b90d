"""The runbook: its error types are the engine's own, and its commands do what they are for."""

import ast
import asyncio
import json
import re
import shlex
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from tests.docs.pages import ROOT, blocks
from tests.support.incident_faults import FAULTS
from tests.support.on_call import on_call

from workflow_runtime.alerts.remedies import REMEDIES, remedy, remedy_of_all
from workflow_runtime.cli import _look_again
from workflow_runtime.observers import IncidentAlert
from workflow_runtime.publishing.outbox import Outbox

PAGE = ROOT / "docs" / "how-to" / "on-call.md"
ENGINE = ROOT / "devkit" / "src" / "workflow_devkit" / "engine"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (\w+) \| (.+) \| (.+) \|$", re.MULTILINE)
COMMAND = re.compile(r"`(workflow [^`]+)`")
TABLE = {kind: (source, remedy) for kind, source, _, remedy in ROW.findall(PAGE.read_text())}
CASES = [
    pytest.param(kind, fault, id=f"{kind}-{number}")
    for kind, faults in FAULTS.items()
    for number, fault in enumerate(faults)
]


@pytest.fixture
def stand(monkeypatch):
    monkeypatch.setattr(_look_again, "_PAUSE", 0.05)
    monkeypatch.setattr(_look_again, "_JOBS", 0.2)
    monkeypatch.setattr(_look_again, "_OTHERS", 0.1)
    with on_call() as stand:
        yield stand


def raised_by_the_engine():
    """Every type of incident that the source of the engine names."""
    for file in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Failure":
                first = node.args[0]
                yield first.value if isinstance(first, ast.Constant) else ast.unparse(first)


def test_the_table_has_the_types_that_the_engine_raises_and_each_of_them_has_a_fault():
    of_engine = {kind for kind, (source, _) in TABLE.items() if source == "engine"}
    assert set(raised_by_the_engine()) == of_engine
    assert set(FAULTS) == of_engine


def test_the_table_has_the_types_of_the_semantics():
    text = (
        (ROOT / "docs" / "engine" / "semantics.md").read_text().partition("{ #incident-types }")[2]
    )
    both, brokers = re.findall(r"[^.]*come from [^.]*\.", text)[:2]
    named = {"engine": both, "broker": brokers}
    for source, sentence in named.items():
        types = set(re.findall(r"`([A-Z_]+)`", sentence))
        assert types <= {kind for kind, (found, _) in TABLE.items() if found == source}


def test_alerts_and_the_table_know_the_same_types_and_give_the_same_commands():
    assert TABLE.keys() == REMEDIES.keys()
    for kind, (_, text) in TABLE.items():
        verbs = [verb(command) for command in COMMAND.findall(text)]
        assert [verb(command) for command in COMMAND.findall(remedy(alert(kind)))] == verbs


def verb(command):
    """``resolve`` of a command line; `incidents resolve` does the same for a key that is found."""
    _, first, second, *_ = shlex.split(command)
    return second if first == "incidents" else first


def alert(kind, incident=None, **known):
    """The alert about an incident of the engine."""
    fields = {
        "service": "shop",
        "process_id": "order",
        "instance_key": 1,
        "element_id": "step",
        "job_key": 0,
        "job_type": "",
        "message": "m",
        "attempts": (),
        "retries": 0,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "error_type": kind,
    }
    if incident is not None:
        fields |= {"incident_key": incident.key, "job_key": incident.job.key if incident.job else 0}
    return IncidentAlert(**fields | known)


def carry_out(stand, text, fault, tmp_path, instance):
    """Types the commands of a remedy, one after the other, as whoever is on call would."""
    file = tmp_path / "repair.bpmn"
    if fault.deploy:
        file.write_bytes(fault.deploy.content)
    for command in COMMAND.findall(text):
        words = [
            word.replace("INSTANCE", str(instance))
            .replace("NAME=VALUE", fault.assign)
            .replace("FILE", str(file))
            for word in shlex.split(command)[1:]
        ]
        stand.said(*words)


def goes_on(stand, instance):
    """Whether an instance reaches its end, with workers that do their work."""
    if stand.open:
        return False
    for job_type in ("order_step", "child_work"):
        stand.complete(job_type, {"x": 2})

    async def hear_and_wait():
        await stand.gateway.publish_message("paid", "7", {}, time_to_live=timedelta(0))
        stand.engine.advance(timedelta(days=1))

    stand.run(hear_and_wait())
    return stand.engine.instance(instance) is None


def ways(text, fault):
    """The alternatives of a remedy that can help against a fault."""
    found = text.split("; or")
    return found[-1:] if fault.hopeless else found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_the_remedy_of_a_row_ends_its_fault(stand, tmp_path, kind, fault):
    for way in ways(TABLE[kind][1], fault):
        instance = fault.raise_in(stand)
        assert kind in stand.said("incidents", "list")
        carry_out(stand, way, fault, tmp_path, instance)
        assert goes_on(stand, instance)


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False], ids=["with its key", "by its place"])
@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_what_an_alert_says_to_do_ends_its_fault(stand, tmp_path, kind, fault, known):
    for number in range(len(ways(remedy(alert(kind)), fault))):
        instance = fault.raise_in(stand)
        (incident,) = stand.engine.incidents
        text = remedy(alert(kind, incident if known else None, instance_key=instance))
        carry_out(stand, ways(text, fault)[number], fault, tmp_path, instance)
        assert goes_on(stand, instance)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fault"), [case for case in CASES if not case.values[1].hopeless])
def test_what_an_alert_says_of_many_ends_all_of_them(stand, tmp_path, kind, fault):
    stand.run(stand.gateway.deploy([fault.diagram]))
    instances = stand.start_instances("order", [fault.scope] * 3)
    fault.happen(stand)
    carry_out(stand, remedy_of_all(alert(kind)), fault, tmp_path, 0)
    assert [goes_on(stand, each) for each in instances] == [True] * 3


def test_the_first_look_shows_what_stands(stand):
    instance = FAULTS["CONDITION_ERROR"][0].raise_in(stand)
    shown = [stand.said(*line) for line in typed(LOOK)]
    assert "1 open incident(s)" in shown[0]
    assert "partition-1" in shown[1]
    assert str(instance) in shown[2]


def test_many_wrong_conditions_are_repaired_by_the_four_lines(stand):
    fault = FAULTS["CONDITION_ERROR"][0]
    stand.run(stand.gateway.deploy([fault.diagram]))
    instances = stand.start_instances("order", [fault.scope] * 3)
    for line in typed(MANY):
        assert stand.open
        stand.said(*line)
    assert [goes_on(stand, each) for each in instances] == [True] * 3


def test_a_parked_event_is_shown_sent_again_or_given_up(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}"
    for commands, left in ((PARKED[:2], ["waiting"]), ((PARKED[0], PARKED[2]), [])):
        park(url)
        with on_call() as stand:
            texts = [stand.said(*line, SERVICE_OUTBOX_URL=url) for line in typed(commands)]
            rows = stand.workflow("outbox", "list", "--json", SERVICE_OUTBOX_URL=url)
        assert "order_paid" in texts[0]
        assert [each["state"] for each in json.loads(rows.stdout)] == left
        (tmp_path / "outbox.db").unlink()


def test_a_restored_broker_gets_processes_and_events_again(stand, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "bpmn" / "order.bpmn").write_bytes(FAULTS["CONDITION_ERROR"][0].diagram.content)
    deploy, publish = typed(RESTORED)
    assert "order" in stand.said(*deploy)
    assert "published" in stand.said(*publish)


LOOK = ["workflow doctor", "workflow status", "workflow incidents list"]
(MANY,) = [
    block.splitlines()
    for block in blocks(PAGE, "sh")
    if block.startswith("workflow incidents list --process")
]
PARKED = [
    "workflow outbox list --state parked",
    "workflow outbox retry",
    "workflow outbox purge --state parked --older-than 0s",
]
RESTORED = ["workflow deploy bpmn/*.bpmn", "workflow publish NAME --key KEY"]
ELSEWHERE = {
    "workflow --help": "tests/runtime/cli/test_verbs.py",
    "workflow dev": "tests/devkit/cli/test_dev_operate.py",
    "workflow check MODULE:BUILDER": "tests/devkit/cli/test_check_cli.py",
    "workflow outbox list": "tests/runtime/publishing/test_outbox_cli.py",
    # Verbs of the table of nights, without what they are given.
    "workflow incidents resolve": "tests/runtime/alerts/test_incidents_cli.py",
    "workflow set-scope": "tests/runtime/alerts/test_set_scope_of_many.py",
    "workflow outbox purge": "tests/runtime/publishing/test_outbox_cli.py",
    "workflow incidents list --process ID": "tests/runtime/alerts/test_incidents_cli.py",
    "workflow status --address http://127.0.0.1:26500": "tests/runtime/cli/test_doubt_cli.py",
    'workflow set-scope --instance INSTANCE --scope \'{"userId": "42"}\'': (
        "tests/runtime/alerts/test_set_scope_of_many.py"
    ),
}


def test_every_command_of_the_page_is_executed_by_a_test():
    rows = {command for _, text in TABLE.values() for command in COMMAND.findall(text)}
    executed = {*rows, *LOOK, *MANY, *PARKED, *RESTORED, *ELSEWHERE}
    lines = (
        line.partition("#")[0].strip()
        for block in blocks(PAGE, "sh")
        for line in block.splitlines()
    )
    typed_lines = {line.partition("-- ")[2] or line for line in lines}
    text = re.sub(r"`\n", "` ", PAGE.read_text())
    commands = {
        *COMMAND.findall(text),
        *(each for each in typed_lines if each.startswith("workflow ")),
    }
    assert commands <= executed, "execute it here, against the fault that it is for"
    assert executed <= commands | rows


def typed(commands):
    return [shlex.split(each)[1:] for each in commands]


def park(url):
    async def parked():
        outbox = Outbox(url)
        await outbox.create_table()
        async with outbox.engine.begin() as connection:
            await outbox.publish(connection, "order_paid", correlation_key="7")
            await connection.execute(update(outbox.table).values(state="parked", attempts=9))
        await outbox.engine.dispose()

    asyncio.run(parked())


@pytest.mark.parametrize("command", ELSEWHERE)
def test_a_command_that_is_executed_elsewhere_is_there(command):
    text = (ROOT / ELSEWHERE[command]).read_text()
    verb = re.findall(r"(?<= )[a-z-]{3,}(?= |$)", command.partition(" -")[0])
    assert verb or "--help" in command
    assert all(word in text for word in verb)
