"""``/ready`` says what is so at the moment of the question, whatever hangs in the service."""

import json
import time
import urllib.error
import urllib.request

from tests.support.waiting import until

from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.telemetry.http import HealthServer


def ask(port, page="/ready"):
    """What a probe gets: the status and the answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def port_of(workflow):
    return next(h.port for h in workflow._lifespan.hooks if isinstance(h, HealthServer))


def blocked_until(condition):
    """Stands still on the event loop, as a call that blocks does, and asks meanwhile."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about while the loop was blocked")


async def test_a_blocked_loop_is_not_ready_at_once_and_is_again_as_it_turns():
    settings = WorkflowSettings(service_name="shop", address="embedded://", health_port=0)
    async with WorkflowBuilder(settings=settings).running() as workflow:
        port = port_of(workflow)
        await until(lambda: workflow.health().ready)
        begun = time.monotonic()
        blocked_until(lambda: ask(port)[0] == 503)
        assert time.monotonic() - begun < 5
        status, answer = ask(port)
        assert (status, answer["status"]) == (503, "failing")
        assert "the event loop is blocked for" in answer["reasons"][0]
        # Who blocks it is told as soon as the watcher has looked.
        blocked_until(lambda: "by blocked_until" in ask(port)[1]["reasons"][0])
        await until(lambda: ask(port) == (200, {"status": "ok", "reasons": []}))
