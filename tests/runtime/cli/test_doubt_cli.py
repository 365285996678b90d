"""`workflow start`, `publish`, `signal`: what the exit code says of a command that failed."""

import re

import pytest
from tests.support.diagrams import one_task
from tests.support.waiting import loop_in_thread
from typer.testing import CliRunner

from workflow_devkit.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime.cli._app import app

COMMANDS = {
    "CreateProcessInstance": ("start", "p"),
    "CreateProcessInstanceWithResult": ("start", "p", "--wait"),
    "PublishMessage": ("publish", "told"),
    "BroadcastSignal": ("signal", "told"),
}


@pytest.fixture
def faulty():
    faults = Faults(names=RPCS)
    with loop_in_thread() as run:
        server = run(serve(Engine(), faults=faults))
        run(server.gateway.deploy([one_task("p", "work")]))
        yield f"http://127.0.0.1:{server.port}", faults
        run(server.stop())


def call(address, *arguments):
    return CliRunner().invoke(app, [*arguments, "--address", address])


@pytest.mark.parametrize("status", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "ABORTED"])
@pytest.mark.parametrize("rpc", COMMANDS)
def test_an_answer_that_is_lost_is_an_exit_code_of_its_own(faulty, rpc, status):
    address, faults = faulty
    faults.lose_answer(rpc, status) if "Result" not in rpc else faults.fail(rpc, status)
    result = call(address, *COMMANDS[rpc])
    assert (result.exit_code, result.stdout) == (5, "")
    assert "may have been" in result.stderr
    assert "Is the broker up" not in result.stderr


@pytest.mark.parametrize("rpc", COMMANDS)
def test_where_nobody_listens_nothing_was_done(rpc):
    result = call("http://127.0.0.1:1", *COMMANDS[rpc])
    assert result.exit_code == 3
    assert "may have been" not in result.stderr


@pytest.mark.parametrize("rpc", COMMANDS)
def test_a_crowded_broker_has_done_nothing(faulty, rpc):
    address, faults = faulty
    faults.fail(rpc, "RESOURCE_EXHAUSTED")
    assert call(address, *COMMANDS[rpc]).exit_code == 1


def test_an_event_that_may_be_there_is_repeated_by_the_id_that_is_printed(faulty):
    address, faults = faulty
    faults.lose_answer("PublishMessage")
    lost = call(address, "publish", "told", "--key", "7")
    (given,) = re.findall(r"--id (\S+)", lost.stderr)
    again = call(address, "publish", "told", "--key", "7", "--id", given)
    assert again.stdout.startswith("told: duplicate")


def test_what_may_be_repeated_stays_a_question_of_reaching_the_broker(faulty):
    address, faults = faulty
    faults.fail("CancelProcessInstance", "UNAVAILABLE")
    assert call(address, "cancel", "7").exit_code == 3
