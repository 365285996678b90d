"""The page about pyzeebe: its code runs, by pyzeebe and by the runtime, and its words are there."""

import contextlib
import json
import keyword
import re
import signal
import subprocess
import sys
from types import ModuleType

import pytest
from pyzeebe import ZeebeClient, create_insecure_channel
from tests.docs.pages import ROOT, blocks, run_block
from tests.migration.page_names import SPAN, known_words, wrong_in
from tests.support.commands import COMMAND, environment
from tests.support.dev import Dev
from tests.support.diagrams import bpmn
from tests.support.waiting import PATIENCE
from tools import migration_tables

from workflow_devkit.migration.words import WORDS
from workflow_runtime import WorkflowBuilder

PAGE = ROOT / "docs" / "how-to" / "migrate-from-pyzeebe.md"
TEXT = PAGE.read_text(encoding="utf-8")
CODE = blocks(PAGE, "python")
FILES = {code.split()[1]: code for code in CODE if re.match(r"# \w+\.py\n", code)}
INVOICE = """
    start received
    service check job=invoice_check
    service book job=invoice_book header.by=desk
    boundary unknown on=book error=unknown_customer
    catch booked message=invoice_booked key==invoiceId
    end done
    end returned
    received -> check -> book -> booked -> done
    unknown -> returned
"""
GIVEN = {"invoiceId": "7", "customer": "Ada", "lines": [40, 5]}
STORIES = {
    "booked": (GIVEN, GIVEN | {"total": 45, "account": "A-1", "bookedBy": "desk"}),
    "returned": (GIVEN | {"customer": "Eve"}, GIVEN | {"customer": "Eve", "total": 45}),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "bpmn" / "invoice.bpmn").write_bytes(bpmn(INVOICE, "invoice"))
    for name, code in FILES.items():
        (tmp_path / name).write_text(code)
    return tmp_path


@pytest.fixture
def dev():
    dev = Dev()
    yield dev
    dev.stop()


@contextlib.contextmanager
def running(folder, program, dev):
    """A program of the page, as a process that SIGTERM ends."""
    process = subprocess.Popen(
        [sys.executable, program],
        cwd=folder,
        env=environment(ZEEBE_ADDRESS=dev.address),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        # Shown where the test fails.
        sys.stdout.write(process.communicate(timeout=PATIENCE)[0])


async def played(dev):
    """What becomes of each story: the final variables, and the elements that were passed."""
    channel = create_insecure_channel(dev.address)
    client = ZeebeClient(channel)
    ends = {}
    for name, (given, _) in STORIES.items():
        result = await client.run_process_with_result("invoice", given, timeout=PATIENCE * 1000)
        # The records come by a line of their own, and may be later than the answer.
        key = result.process_instance_key
        dev.record(
            "PROCESS_INSTANCE", "ELEMENT_COMPLETED", processInstanceKey=key, elementId="invoice"
        )
        path = [
            record["value"]["elementId"]
            for record in dev.records
            if record["intent"] == "ELEMENT_COMPLETED"
            and record["value"]["processInstanceKey"] == key
        ]
        ends[name] = (result.variables, path)
    await channel.close()
    return ends


@pytest.mark.slow
async def test_the_service_before_and_the_one_after_do_the_same(folder, dev):
    with running(folder, "before.py", dev):
        dev.record("PROCESS", "CREATED", bpmnProcessId="invoice")
        before = await played(dev)
    with running(folder, "service.py", dev) as service:
        after = await played(dev)
    assert service.returncode == 0
    assert after == before
    assert {name: variables for name, (variables, _) in after.items()} == {
        name: expected for name, (_, expected) in STORIES.items()
    }


@pytest.mark.slow
async def test_one_task_type_moves_while_pyzeebe_keeps_the_other(folder, dev):
    channel = create_insecure_channel(dev.address)
    await ZeebeClient(channel).deploy_resource(folder / "bpmn" / "invoice.bpmn")
    await channel.close()
    with running(folder, "mixed.py", dev):
        ends = await played(dev)
    assert {name: variables for name, (variables, _) in ends.items()} == {
        name: expected for name, (_, expected) in STORIES.items()
    }
    workers = {
        job["type"]: job["worker"]
        for record in dev.records
        if (record["valueType"], record["intent"]) == ("JOB", "COMPLETED")
        for job in [record["value"]]
    }
    assert workers["invoice_check"] == "invoices"
    assert workers["invoice_book"] != "invoices"


@pytest.mark.slow
def test_the_service_after_is_checked_and_tested_as_the_page_says(folder):
    commands = [line.split() for line in blocks(PAGE, "sh")[-1].splitlines()]
    assert [command[0] for command in commands] == ["workflow", "workflow", "pytest"]
    for _, *arguments in commands[:-1]:
        done = run(folder, *COMMAND, *arguments)
        assert done.returncode == 0, done.stdout
    done = run(folder, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.slow
def test_the_service_before_is_found_to_be_one(folder):
    done = run(folder, *COMMAND, "migrate-check", "before.py", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert {each["task_type"] for each in report["handlers"]} == {
        "'invoice_check'",
        "'invoice_book'",
    }


def run(folder, *command):
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(NO_COLOR="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


async def test_the_pieces_run_one_after_the_other(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setitem(sys.modules, "before", _module("before"))
    own, started = (WorkflowBuilder("page", "embedded://").with_process("bpmn") for _ in range(2))
    # Another one: nothing more is registered with a builder whose service runs.
    async with started.running() as workflow:
        names = {"__name__": "page", "builder": own, "workflow": workflow}
        for number, code in enumerate(CODE):
            if code not in FILES.values():
                await run_block(code, f"{PAGE.name}[{number}]", names)


def _module(name):
    module = ModuleType(name)
    exec(compile(FILES[f"{name}.py"], name, "exec"), vars(module))  # our own page
    return module


def test_the_tables_are_the_words_of_migrate_check():
    assert migration_tables.page() == TEXT, "run: python -m tools.migration_tables"


def test_every_word_stands_in_a_table():
    sections = set(re.findall(r"<!-- words: ([\w-]+) -->", TEXT))
    assert {word.section for word in WORDS.values()} == sections


def test_sections_are_headings():
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
    others = {"install", "logs-and-signals", "tests"}  # found by other means than a word
    assert {word.section for word in WORDS.values()} | others <= anchors


PLAIN = {*keyword.kwlist, "before", "after", "order", "WORKFLOW_ADDRESS", "ZEEBE_ADDRESS"}
"""Words in the tables that are Python's, pyzeebe's, the environment's or an example's."""


@pytest.mark.parametrize("name", WORDS)
def test_what_stands_in_the_place_of_a_word_is_there(name):
    ours = WORDS[name].ours
    assert wrong_in(ours) == []
    words = {code for code in SPAN.findall(ours) if code.isidentifier()}
    assert words - known_words() - PLAIN == set()


def test_what_the_page_names_is_there():
    assert wrong_in(re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL)) == []


@pytest.mark.parametrize(
    "code", ["task.nothing", "workflow.start_proces(x)", "@builder.task(x, timeout_ms=1)"]
)
def test_a_name_that_is_not_there_would_be_found(code):
    assert wrong_in(f"`{code}`") != []
