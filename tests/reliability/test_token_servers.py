"""A token server that fails for a while: a service, its commands and its log meanwhile."""

import asyncio
import time
from functools import partial

import grpc
import grpc.aio
import pytest
from tests.support.diagrams import one_task
from tests.support.logs import messages
from tests.support.token_server import TokenServer, token_server
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import CommandFailed, WorkflowBuilder, WorkflowSettings

pytestmark = pytest.mark.slow


class Doorman(grpc.aio.ServerInterceptor):
    """Lets in who shows one of the tokens that count."""

    def __init__(self):
        self.valid = set()

    async def intercept_service(self, continuation, details):
        handler = await continuation(details)
        shown = dict(details.invocation_metadata).get("authorization", "")
        if shown.removeprefix("Bearer ") in self.valid:
            return handler

        async def refuse(request, context):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
            yield  # for those that are streams

        async def refuse_one(request, context):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")

        readers = handler.request_deserializer, handler.response_serializer
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(refuse, *readers)
        return grpc.unary_unary_rpc_method_handler(refuse_one, *readers)


@pytest.fixture
async def tokens():
    async with token_server() as server:
        yield server


@pytest.fixture
async def doorman(monkeypatch):
    found = Doorman()
    found.valid = {f"t{number}" for number in range(1000)}
    monkeypatch.setattr(grpc.aio, "server", partial(grpc.aio.server, interceptors=[found]))
    found.server = await serve(Engine())
    yield found
    await found.server.stop()


@pytest.fixture
def said():
    with messages() as found:
        yield found


@pytest.fixture
def service(tokens, doorman, tmp_path):
    def made(**settings):
        given = WorkflowSettings(
            service_name="shop",
            address=f"http://127.0.0.1:{doorman.server.port}",
            client_id="me",
            client_secret="hunter2",
            oauth_url=f"http://127.0.0.1:{tokens.port}/token",
            **settings,
        )
        builder = WorkflowBuilder(settings=given).with_process(tmp_path / "order.bpmn")
        builder.done = asyncio.Queue()

        async def work(task):
            builder.done.put_nowait(task.job.key)

        for job_type in ("order_pay", *(f"other{number}" for number in range(7))):
            builder.with_handler(job_type, work)
        return builder

    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay").content)
    return made


FAULTS = {"503": (503, None), "garbage": (200, "oops"), "hanging": (None, None)}


def break_down(tokens, status, body):
    if status is None:
        tokens.open.clear()
    else:
        tokens.status, tokens.body = status, body


@pytest.mark.parametrize(("status", "body"), FAULTS.values(), ids=FAULTS)
async def test_a_service_that_starts_without_a_token_asks_rarely_says_why_and_gets_to_work(
    tokens, service, said, status, body
):
    break_down(tokens, status, body)
    service = service(oauth_timeout=1)
    begun = time.monotonic()
    async with service.running() as workflow:
        await until(lambda: "no token: token server" in str(workflow.health().problems))
        calls = [asyncio.create_task(workflow.cancel_process(7)) for _ in range(20)]
        await asyncio.sleep(4)
        seconds = time.monotonic() - begun
        # At first a second apart, then ever more rarely; a request may be under way.
        assert len(tokens.forms) <= 2 + seconds
        health = workflow.health()
        assert not health.ready
        assert health.deployment.startswith("pending: ")
        assert "token server http://127.0.0.1" in health.deployment
        assert len([each for each in health.problems if "token server" in each]) <= 2
        told = [each for each in said if "no token" in each]
        assert len(told) == 1, told
        assert not [each for each in said if "not deployed" in each or "cannot be fetched" in each]
        tokens.status, tokens.body = 200, None
        tokens.open.set()
        await workflow.start_process("order")
        await asyncio.wait_for(service.done.get(), 30)
        await until(lambda: workflow.health().ready)
        for each in calls:
            each.cancel()
    assert "hunter2" not in str(said)


async def test_a_client_that_is_refused_gets_in_once_its_secret_is_mended(tokens, service, said):
    tokens.status, service = 401, service()
    async with service.running() as workflow:
        await until(lambda: "refuses the client: HTTP 401" in str(workflow.health().problems))
        await asyncio.sleep(3)
        assert len(tokens.forms) == 1
        tokens.status = 200
        await workflow.start_process("order")
        await asyncio.wait_for(service.done.get(), 30)
        await until(lambda: "there are tokens again, and the gateway answers" in said)
    assert len(tokens.forms) == 2


async def test_a_token_server_that_is_away_holds_up_nobody_who_has_a_token(
    tokens, service, doorman, said
):
    tokens.lifetime, service = 12, service()
    async with service.running() as workflow:
        await workflow.deployed()
        await tokens.runner.cleanup()
        asked = time.monotonic()
        while time.monotonic() < asked + 8:
            await workflow.start_process("order")
            await asyncio.wait_for(service.done.get(), 20)
        await until(lambda: [each for each in said if each.startswith("no new token")])
        await until(lambda: "no token: token server" in str(workflow.health().problems))
        again = await TokenServer().start(port=tokens.port)
        await workflow.start_process("order")
        await asyncio.wait_for(service.done.get(), 40)
        await again.runner.cleanup()
    assert workflow.health().deployment == "order v1"


async def test_a_gateway_that_takes_no_token_costs_few_of_them(tokens, service, doorman):
    doorman.valid = set()
    async with service().running() as workflow:
        await until(lambda: "UNAUTHENTICATED" in str(workflow.health().problems))
        await asyncio.sleep(11)
        assert "no token" not in str(workflow.health().problems)
        assert 2 <= len(tokens.forms) <= 3


async def test_a_command_hears_of_the_token_server(tokens, service):
    tokens.status = 401
    async with service(command_timeout=3).running() as workflow:
        with pytest.raises(CommandFailed, match="refuses the client: HTTP 401; check") as caught:
            await workflow.cancel_process(7)
    assert caught.value.executed == "no"
