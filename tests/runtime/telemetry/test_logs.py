"""Logs say where they come from, and never what is secret."""

import asyncio
import base64
import io
import json
import logging
import sys
import threading

import pytest
from aiohttp import web
from loguru import logger
from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy.exc import StatementError
from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import WorkflowBuilder, WorkflowIncident, WorkflowSettings
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.outbox import Outbox
from workflow_runtime.telemetry.logs import setup_logging

_BPMN = one_task("order", "pay").content


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def captured():
    """Sets logging up on a stream, and everything back afterwards."""
    root, level, handlers = logging.getLogger(), logging.getLogger().level, logging.root.handlers[:]

    def start(out=None, **settings):
        out = out or io.StringIO()
        setup_logging(WorkflowSettings(service_name="shop", **settings), sink=out)
        return out

    yield start
    logger.remove()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, sys.unraisablehook = sys.__excepthook__, sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__


def lines(out):
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    builder = WorkflowBuilder(
        settings=WorkflowSettings(service_name="shop", long_poll=0.02),
        gateway=EmbeddedGateway(Engine()),
    )
    return builder.with_process(tmp_path / "order.bpmn")


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_any_line_of_a_handler_carries_its_job(captured, shop, kind):
    out = captured()

    def note():
        logger.info("by loguru")
        logging.getLogger("library").warning("by logging")

    async def pay(task):
        note()

    def pay_in_thread(task):
        note()

    shop.with_handler("order_pay", pay if kind == "async" else pay_in_thread)
    async with shop.running() as workflow:
        await workflow.start_process_and_wait("order")
    found = {line["message"]: line for line in lines(out)}
    for message in ("by loguru", "by logging"):
        line = found[message]
        assert (line["service"], line["process_id"]) == ("shop", "order")
        assert (line["element_id"], line["attempt"]) == ("pay", 1)
        assert isinstance(line["instance_key"], str)
    assert found["by logging"]["logger"] == "library"
    assert "element_id" not in found["deployed: order v1"]


def test_a_terminal_gets_readable_lines_and_anything_else_json(captured):
    pretty = captured(Terminal())
    logger.info("hello")
    assert "hello" in pretty.getvalue()
    assert "{" not in pretty.getvalue()
    logging.getLogger("some.library").warning("careful")
    assert "some.library: " in pretty.getvalue()
    plain = captured()
    logger.info("hello")
    assert lines(plain)[0]["message"] == "hello"


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_a_traceback_shows_code_and_no_values(captured, form):
    out = captured(log_format=form)
    password = "hunter2"  # noqa: F841 - loguru's own tracebacks would show it
    try:
        int("no number")
    except ValueError:
        logger.exception("it failed {braces}")
    text = out.getvalue()
    assert "ValueError" in text
    assert "it failed {braces}" in text
    assert text.count("Traceback") == 1
    assert "hunter2" not in text.replace('password = "hunter2"', "")


PLANTED = {
    "user": "demo",
    "password": SecretStr("s3cr3t-password/1"),
    "client_secret": SecretStr("s3cr3t-client-secret"),
    "operate_token": SecretStr("s3cr3t-operate-token"),
    "alert_urls": (
        SecretStr("json://user:s3cr3t-url-password@127.0.0.1:1/s3cr3t-path"),
        SecretStr("slack://s3cr3t-host/s3cr3t-b/s3cr3t-c/#on-call"),
    ),
}


@pytest.fixture(params=["json", "pretty"])
def all_levels(request, captured):
    """Logs as talkative as can be."""
    return captured(log_format=request.param, log_level="TRACE", log_level_libraries="TRACE")


@pytest.mark.parametrize("form", ["json", "pretty"])
@pytest.mark.parametrize("level", ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"])
async def test_planted_secrets_and_scope_values_never_reach_the_log(captured, shop, form, level):
    out = captured(log_format=form, log_level=level, log_level_libraries=level, **PLANTED)

    async def pay(task):
        logging.getLogger("grpc").error("denied for demo:s3cr3t-password/1")
        logger.bind(header={"token": ["Bearer s3cr3t-client-secret"]}).error("refused")
        logger.error("alerts to json://user:s3cr3t-url-password@127.0.0.1:1 fail")
        raise WorkflowIncident(f"cannot charge {task.get_scope_variable('card')}")

    told = asyncio.Event()

    async def ring(notice):
        told.set()

    shop.with_handler("order_pay", pay).with_alerts(ring)
    async with shop.running() as workflow:
        await workflow.start_process("order", {"card": "s3cr3t-card-4111"})
        await asyncio.wait_for(told.wait(), 10)
        await workflow.publish_event("e", correlation_key="s3cr3t-key", scope={"a": "s3cr3t-a"})
    text = out.getvalue()
    assert "denied for demo:***" in text
    assert "s3cr3t" not in text


@pytest.mark.parametrize(
    "line",
    [
        "PUT with s3cr3t-password%2F1",
        f"authorization: {base64.b64encode(b'demo:s3cr3t-password/1').decode()}",
        'authorization: "basic czNjcjN0LXNvbWVib2R5"',
        "Authorization: Bearer s3cr3t.of.an-identity-provider_",
        'connectionpool: "POST /s3cr3t-b/s3cr3t-c HTTP/1.1" 404',
        "Slack to s3cr3t-host",
        "token s3cr3t-operate-token",
    ],
)
def test_secrets_are_blotted_out_in_every_form(captured, line):
    out = captured(**PLANTED)
    logging.getLogger("some.library").error(line)
    assert "***" in out.getvalue()
    assert "s3cr3t" not in out.getvalue()
    assert "czNj" not in out.getvalue()


class Card(BaseModel):
    number: int


NUMBER = {"number": "planted-\n4111"}


def invalid():
    Card.model_validate(NUMBER)


def chained():
    try:
        invalid()
    except ValidationError as error:
        raise RuntimeError("cannot charge") from error


def statement():
    raise StatementError("no", "INSERT", NUMBER, ValueError("no"))


@pytest.mark.parametrize("failing", [invalid, chained, statement])
def test_what_exceptions_show_of_scopes_is_blotted_out(all_levels, failing):
    try:
        failing()
    except (RuntimeError, StatementError, ValidationError):
        logger.exception("it failed")
    text = all_levels.getvalue()
    assert "it failed" in text
    assert "***" in text
    assert "planted" not in text


async def test_drivers_and_channels_do_not_log_what_they_are_given(all_levels, shop, tmp_path):
    told = asyncio.Event()

    async def pay(task):
        raise WorkflowIncident(f"cannot charge {task.get_scope_variable('card')}")

    async def hook(request):
        told.set()
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/", hook)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    await outbox.create_table()
    shop.with_handler("order_pay", pay).with_outbox(outbox)
    shop.with_alerts(f"json://127.0.0.1:{runner.addresses[0][1]}/")
    async with shop.running() as workflow, outbox.engine.begin() as transaction:
        await outbox.publish(transaction, "e", correlation_key="k", scope={"card": "planted-1"})
        await workflow.start_process("order", {"card": "planted-2"})
        await asyncio.wait_for(told.wait(), 10)
    await outbox.engine.dispose()
    await runner.cleanup()
    assert "Incident in order: pay" in all_levels.getvalue()
    assert "planted" not in all_levels.getvalue()


async def test_the_line_to_the_gateway_logs_neither_credentials_nor_scopes(all_levels, tmp_path):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    server = await serve(Engine())
    settings = WorkflowSettings(
        service_name="shop",
        address=f"http://127.0.0.1:{server.port}",
        user="demo",
        password="planted-password",
        long_poll=0.02,
    )

    async def pay(task):
        return {"receipt": f"planted-{task.get_scope_variable('card')}"}

    builder = WorkflowBuilder(settings=settings).with_process(tmp_path / "order.bpmn")
    async with builder.with_handler("order_pay", pay).running() as workflow:
        scope = await workflow.start_process_and_wait("order", {"card": "planted-4111"})
        await workflow.publish_event("e", correlation_key="planted-key", scope=scope)
    await server.stop()
    assert "grpc" in all_levels.getvalue()
    assert "planted" not in all_levels.getvalue()


async def test_an_observer_that_fails_is_named_without_its_text(all_levels, shop):
    seen = asyncio.Event()

    class Broken(Observer):
        def job_ended(self, job, outcome, seconds, wait_seconds):
            seen.set()
            raise ValueError(job.variables["card"])

    async def pay(task):
        pass

    shop.with_handler("order_pay", pay).with_observer(Broken())
    async with shop.running() as workflow:
        await workflow.start_process("order", {"card": "planted"})
        await asyncio.wait_for(seen.wait(), 10)
    assert "observer Broken failed in job_ended: ValueError in job_ended" in all_levels.getvalue()
    assert "planted" not in all_levels.getvalue()


def test_off_leaves_the_logs_alone(captured):
    out = captured(log_format="off")
    logger.info("hello")
    assert out.getvalue() == ""
