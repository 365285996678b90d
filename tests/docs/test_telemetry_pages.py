"""The code of the pages about events, alerts and operation does what they say."""

import asyncio
import json
import subprocess
import sys

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Integer, String, create_engine
from sqlalchemy import inspect as look
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from tests.docs.pages import ROOT, blocks, run_block
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowIncident
from workflow_runtime.publishing.outbox import outbox_table

HOW_TO = ROOT / "docs" / "how-to"
_BPMN = one_task("order", "pay").content


def block(page, word):
    """The one Python block of a page with this word."""
    (code,) = [code for code in blocks(HOW_TO / page, "python") if word in code]
    return code


async def run(code, **names):
    """Executes a block; returns its names."""
    await run_block(code, "page", names)
    return names


@pytest.fixture
def gateway():
    return EmbeddedGateway(Engine())


def messages(gateway):
    records = gateway.engine.records
    found = [r for r in records if (r.value_type, r.intent) == ("MESSAGE", "PUBLISHED")]
    return [(r.value["name"], r.value["correlationKey"], r.value["variables"]) for r in found]


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    amount: Mapped[str] = mapped_column(String(10))


async def test_a_typed_event_is_published_and_known_the_second_time(gateway):
    builder = WorkflowBuilder("shop", gateway=gateway)
    async with builder.running() as workflow:
        names = await run(block("events-and-outbox.md", "class Paid"), workflow=workflow)
        assert not names["result"].duplicate
        paid, given = names["Paid"](order_id=42, amount="1.50"), names["result"].event_id
        again = await workflow.publish_event(paid, event_id=given)
        assert again.duplicate
    (sent,) = messages(gateway)
    assert sent == ("orderService_paid", "42", {"order_id": 42, "amount": "1.50"})


async def test_an_order_and_its_event_are_written_together_and_sent(gateway, tmp_path):
    events = block("events-and-outbox.md", "class Paid").partition("\n\nresult = ")[0]
    code = block("events-and-outbox.md", "with_outbox")
    url = f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"
    names = await run(events + code.replace("postgresql+asyncpg://shop@db/shop", url))
    async with names["engine"].begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await names["outbox"].create_table()
    async with names["builder"].with_gateway(gateway).running():
        await names["pay"](Order(id=42, amount="1.50"))
        await until(lambda: messages(gateway))
    await names["engine"].dispose()
    assert messages(gateway)[0][:2] == ("orderService_paid", "42")


async def test_the_revision_creates_the_table(tmp_path):
    names = await run(block("events-and-outbox.md", "def upgrade"))

    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            names["upgrade"]()
        assert look(connection).has_table(outbox_table().name)


async def test_a_function_of_the_user_is_told_of_an_incident(gateway, tmp_path, capsys):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    code = block("incidents-and-alerts.md", "with_alerts")
    told = asyncio.Event()
    names = await run(code.replace(', "slack://token_a/token_b/token_c/#on-call"', ""))

    async def pay(task):
        raise WorkflowIncident("the account is closed")

    async def last(notice):
        told.set()

    builder = names["builder"].with_gateway(gateway).with_process(tmp_path / "order.bpmn")
    async with builder.with_handler("order_pay", pay).with_alerts(last).running() as workflow:
        await workflow.start_process("order")
        await asyncio.wait_for(told.wait(), 10)
    assert "incident Incident in order: pay the account is closed" in capsys.readouterr().out


async def test_an_observer_of_the_user_sees_each_job(gateway, tmp_path, capsys):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    names = await run(block("operate.md", "class Slow").replace("seconds > 5", "seconds >= 0"))

    async def pay(task):
        pass

    builder = names["builder"].with_gateway(gateway).with_process(tmp_path / "order.bpmn")
    async with builder.with_handler("order_pay", pay).running() as workflow:
        await workflow.start_process_and_wait("order")
    assert "order_pay " in capsys.readouterr().out


def test_a_program_with_a_main_of_its_own_has_the_same_logs():
    code = block("operate.md", "setup_logging")
    code += "import logging\nlogging.getLogger('my.library').warning('careful')\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    line = json.loads(done.stderr)
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "my.library", "careful")
