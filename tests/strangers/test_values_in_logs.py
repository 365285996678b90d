"""docs/security.md is true: no value of a scope is in the log but by what a call itself says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.diagrams import one_task

_SERVICE = Path(__file__).with_name("careless.py")


@pytest.fixture(scope="module", params=["json", "pretty"])
def written(request, tmp_path_factory):
    """What the careless service writes to standard output and standard error."""
    diagram = tmp_path_factory.mktemp("careless") / "order.bpmn"
    diagram.write_bytes(one_task("order", "pay").content)
    command = [sys.executable, str(_SERVICE), str(diagram), request.param]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if request.param == "json":
        # Nothing stands beside the lines: Python's own hooks write no JSON.
        assert [json.loads(line)["service"] for line in done.stderr.splitlines()]
    return done.stdout + done.stderr


def test_no_value_of_a_scope_is_in_it(written):
    assert "planted" not in written


@pytest.mark.parametrize(
    "said",
    [
        "Task exception was never retrieved",
        "Future exception was never retrieved",
        "Exception in callback fail",
        "<Handle slow_callback.<locals>.<lambda> … took 0.",
        "coro=<slow_task_with_a_result.<locals>.slow() done",
        "something of the loop",
        "has ended by an exception",
        "a forked child ends by an exception",
        "an exception was ignored in Dying.__del__",
        "exception calling callback",
        "ValueError: ***",
        "RuntimeError: ***",
        "ExceptionGroup: ***",
        "KeyError: ***",
        "attempt 1 failed, 2 left: ValidationError in ",
        "An error has been caught in function",
        "input_value=***",
        "ActivatedJob(key=",
        "name='paid'",
    ],
)
def test_each_way_is_heard_of(written, said):
    assert said in written


def test_the_exception_that_ends_the_process_is_said_with_its_text(written):
    assert "the process ends: cannot charge an order" in written
