"""A command takes ``command_timeout`` at most, whatever hangs, and nothing once all has stopped."""

import asyncio
import time
from datetime import timedelta

import pytest
from tests.support.diagrams import BY_HAND_OR_MESSAGE, bpmn

from workflow_devkit.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.errors import CommandFailed, EventNotPublished

SECOND = timedelta(seconds=1)
FAR = 8.0
"""Seconds: far above the patience of the commands here, and below a call's own limit of ten."""

COMMANDS = {
    "start_process": lambda w: w.start_process("order"),
    "start_process_once": lambda w: w.start_process_once("order", "1"),
    "publish_event": lambda w: w.publish_event("told"),
    "broadcast_signal": lambda w: w.broadcast_signal("told"),
    "cancel_process": lambda w: w.cancel_process(1),
    "set_scope": lambda w: w.set_scope(1, {}),
    "update_retries": lambda w: w.update_retries(1, 2),
    "resolve_incident": lambda w: w.resolve_incident(1),
    "resolve_incident with its job": lambda w: w.resolve_incident(1, job_key=2),
}


class Silence:
    """Listens where a gateway would be, takes everything and answers nothing."""

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._swallow, "127.0.0.1", 0)
        self._writers = []
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *error):
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _swallow(self, reader, writer):
        self._writers.append(writer)
        while await reader.read(65536):
            pass


@pytest.fixture
def service(tmp_path):
    """Gives a function that makes a service, with a process unless told otherwise."""
    (tmp_path / "order.bpmn").write_bytes(bpmn(BY_HAND_OR_MESSAGE, "order"))

    def make(address, *, process=True, **options):
        settings = WorkflowSettings(
            service_name="patient", address=address, grace=timedelta(0), **options
        )
        made = WorkflowBuilder(settings=settings)
        return made.with_process(tmp_path) if process else made

    return make


@pytest.fixture
async def engine():
    """An engine over the network, and its faults."""
    faults = Faults(names=RPCS)
    server = await serve(Engine(), faults=faults)
    yield f"http://127.0.0.1:{server.port}", faults
    await server.stop()


async def refused(command, workflow):
    """How many seconds a command took until it failed, and the failure."""
    begun = time.monotonic()
    with pytest.raises((CommandFailed, EventNotPublished)) as caught:
        await asyncio.wait_for(command(workflow), 60)
    return time.monotonic() - begun, caught.value


@pytest.mark.parametrize(
    ("name", "process"),
    [
        *((name, False) for name in COMMANDS if name != "start_process_once"),
        *((name, True) for name in COMMANDS),
    ],
)
async def test_a_gateway_that_never_answers_costs_the_patience_and_no_more(service, name, process):
    async with Silence() as address:
        made = service(address, process=process, command_timeout=SECOND)
        async with made.running() as workflow:
            took, error = await refused(COMMANDS[name], workflow)
    assert 0.9 < took < FAR
    # What waits for the deployment was never sent.
    waits = process and name.startswith(("start", "publish", "broadcast"))
    assert error.executed == ("no" if waits else "unknown")


@pytest.mark.parametrize(
    ("name", "rpc"),
    [("start_process", "CreateProcessInstance"), ("start_process_once", "PublishMessage")],
)
async def test_the_wait_for_the_deployment_is_part_of_it(service, engine, name, rpc):
    address, faults = engine
    faults.delay("DeployResource", 3, times=1)
    faults.delay(rpc, 60, times=1)
    async with service(address, command_timeout=4 * SECOND).running() as workflow:
        took, _ = await refused(COMMANDS[name], workflow)
    assert 3.9 < took < 6.9


async def test_the_wait_for_an_instance_has_its_own_time(service, engine):
    address, faults = engine
    faults.delay("CreateProcessInstanceWithResult", 2, times=1)
    made = service(address, command_timeout=SECOND)

    @made.task("order_pay")
    async def pay(task):
        return {"paid": True}

    async with made.running() as workflow:
        await workflow.deployed()
        assert (await workflow.start_process_and_wait("order"))["paid"]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("where", ["embedded", "remote", "silent"])
async def test_after_the_stop_each_command_says_so_at_once(service, engine, name, where):
    address = {"embedded": "embedded://", "remote": engine[0]}.get(where)
    async with Silence() as silent, service(address or silent).running() as workflow:
        if address:
            await workflow.deployed()
    took, error = await refused(COMMANDS[name], workflow)
    assert took < FAR
    assert "stopped" in str(error)
    assert error.executed == "no"


@pytest.mark.parametrize("process", [False, True], ids=["no process", "not deployed"])
@pytest.mark.parametrize("name", ["start_process", "publish_event", "set_scope"])
async def test_a_stop_ends_the_commands_that_wait(service, name, process):
    async with Silence() as address:
        made = service(address, process=process, command_timeout=60 * SECOND)
        async with made.running() as workflow:
            waiting = asyncio.create_task(refused(COMMANDS[name], workflow))
            await asyncio.sleep(0)
        took, error = await asyncio.wait_for(waiting, 60)
    assert took < FAR
    assert "stopped" in str(error)


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_can_be_given_less_time_than_the_settings_say(service, name):
    given = {"command_timeout": 0.5}
    commands = {
        "start_process": lambda w: w.start_process("order", **given),
        "start_process_once": lambda w: w.start_process_once("order", "1", **given),
        "publish_event": lambda w: w.publish_event("told", **given),
        "broadcast_signal": lambda w: w.broadcast_signal("told", **given),
        "cancel_process": lambda w: w.cancel_process(1, **given),
        "set_scope": lambda w: w.set_scope(1, {}, **given),
        "update_retries": lambda w: w.update_retries(1, 2, **given),
        "resolve_incident": lambda w: w.resolve_incident(1, **given),
        "resolve_incident with its job": lambda w: w.resolve_incident(1, job_key=2, **given),
    }
    async with Silence() as address, service(address).running() as workflow:
        took, _ = await refused(commands[name], workflow)
    assert 0.4 < took < FAR


@pytest.mark.parametrize("name", ["start_process", "publish_event", "cancel_process"])
async def test_what_waits_for_a_token_that_does_not_come_was_surely_not_sent(service, engine, name):
    async with Silence() as tokens:
        made = service(
            engine[0],
            process=False,
            client_id="me",
            client_secret="secret",
            oauth_url=tokens,
            command_timeout=SECOND,
        )
        async with made.running() as workflow:
            took, error = await refused(COMMANDS[name], workflow)
    assert took < FAR
    assert error.executed == "no"
