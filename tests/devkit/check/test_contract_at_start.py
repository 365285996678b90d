"""A service that starts says what does not fit, and starts all the same."""

import asyncio
from importlib import import_module

import pytest
from loguru import logger
from tests.support.diagrams import bpmn

from workflow_devkit.check.at_start import log_findings
from workflow_devkit.findings import Finding, Severity
from workflow_runtime import WorkflowBuilder, WorkflowSettings

DIAGRAM = "start s\nservice charge job=order_charge\nend e\ns -> charge -> e"


@pytest.fixture
def lines():
    found = []
    number = logger.add(lambda message: found.append(message.record), level="DEBUG")
    yield found
    logger.remove(number)


@pytest.fixture
def builder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    settings = WorkflowSettings(address="embedded://")
    return WorkflowBuilder("orders", settings=settings).with_process("order.bpmn")


async def started(builder):
    async with builder.running() as workflow:
        await asyncio.gather(*_checks())
        return workflow.health()


def _checks():
    return [t for t in asyncio.all_tasks() if "OwnThreads" in repr(t.get_coro())]


def warnings(lines):
    return [line["message"] for line in lines if line["level"].name == "WARNING"]


async def test_each_finding_is_one_line_of_the_log(builder, lines):
    await started(builder)
    (line,) = [text for text in warnings(lines) if "do not fit" in text]
    assert "order.bpmn:6: charge: no handler for task type 'order_charge'" in line
    assert "\n" not in line


async def test_a_service_that_fits_says_nothing(builder, lines):
    builder.with_handler("order_charge", lambda task: None)
    await started(builder)
    assert warnings(lines) == []


async def test_a_check_that_fails_stops_nothing(builder, lines, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.workflow.check]\nextern = []\n")
    await started(builder)
    assert warnings(lines) == []
    assert any("extern: no such setting" in line["message"] for line in lines)


async def test_what_the_project_says_holds_wherever_the_service_is_started(
    lines, tmp_path, monkeypatch
):
    shop = tmp_path / "project" / "src" / "shop_of_elsewhere.py"
    shop.parent.mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").write_text(
        '[tool.workflow.check.starts]\norder = "shop_of_elsewhere:Order"\n'
    )
    shop.write_text(
        "from pydantic import BaseModel\nclass Order(BaseModel):\n    amount: int\n"
        "def charge(amount: int): ...\ndef fix(task) -> Order: ...\n"
    )
    (tmp_path / "order.bpmn").write_bytes(
        bpmn(
            "start s\nservice charge job=order_charge\nservice fix job=order_fix\n"
            "end e\ns -> charge -> fix -> e",
            "order",
        )
    )
    # Another project's, which says nothing of it.
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(shop.parent)
    shop_of_elsewhere = import_module("shop_of_elsewhere")

    settings = WorkflowSettings(address="embedded://")
    builder = WorkflowBuilder("orders", settings=settings).with_process("order.bpmn")
    builder.with_handler("order_charge", shop_of_elsewhere.charge)
    builder.with_handler("order_fix", shop_of_elsewhere.fix)
    await started(builder)
    assert warnings(lines) == []


async def test_a_hundred_findings_are_five_lines(lines):
    told = log_findings(lambda: [Finding("a", 1, "r", Severity.ERROR, f"m{i}") for i in range(100)])
    await told.start(None)
    await asyncio.gather(*_checks())
    assert len(lines) == 5
    assert "96 more" in lines[-1]["message"]


async def test_what_only_informs_is_not_logged(lines):
    told = log_findings(lambda: [Finding("a", 1, "r", Severity.INFO, "m")])
    await told.start(None)
    await asyncio.gather(*_checks())
    assert lines == []
