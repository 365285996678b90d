"""Asyncio's default threads are the handlers': ours neither take them nor need them."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from aiohttp import web
from tests.runtime.alerts.raised import alert
from tests.support.commands import environment

from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.alerts import channels
from workflow_runtime.alerts.dispatcher import AlertDispatcher
from workflow_runtime.alerts.operate import OperateClient
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource
from workflow_runtime.threads import OwnThreads

FOR_EVER = """
import os, threading
from workflow_runtime import WorkflowBuilder, WorkflowIncident, WorkflowSettings

def hang(notice):
    os.write(1, b"hanging\\n")
    threading.Event().wait()

class Begin:
    async def start(self, workflow):
        workflow.observers.event_parked("paid", "1", "too large")
    async def stop(self):
        pass

settings = WorkflowSettings(address="embedded://", service_name="x", log_format="off", grace=1)
WorkflowBuilder("x", settings=settings).with_alerts(hang).with_lifespan_hook(Begin()).serve()
"""


@pytest.fixture
def released():
    """Set at the end of a test, for threads that hang until then."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
async def default_threads(released):
    """Asyncio's default threads, two of them."""
    pool = ThreadPoolExecutor(2)
    asyncio.get_running_loop().set_default_executor(pool)
    yield pool
    released.set()
    pool.shutdown()


@pytest.fixture
def all_taken(released, default_threads):
    """Handlers have taken every default thread."""
    for _ in range(2):
        default_threads.submit(released.wait)


@pytest.fixture
async def server():
    async def give(request):
        return web.json_response({"access_token": "t", "expires_in": 300, "items": []})

    app = web.Application()
    app.router.add_post("/{path:.*}", give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def service():
    settings = WorkflowSettings(address="embedded://", service_name="x")
    async with WorkflowBuilder("x", settings=settings).running() as workflow:
        yield workflow


async def test_a_hanging_channel_leaves_the_default_threads_to_handlers(released, default_threads):
    hanging = [threading.Event() for _ in range(4)]

    def hang(event):
        event.set()
        released.wait()

    called = [lambda _, event=event: hang(event) for event in hanging]
    alerts = AlertDispatcher("shop", [channels.as_channel(each) for each in called])
    await alerts.start()
    alerts.incident_raised(alert())
    own = OwnThreads("test", 4)
    await asyncio.wait_for(asyncio.gather(*(own.run(event.wait) for event in hanging)), 20)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 20) == "free"
    released.set()
    await alerts.stop()


async def test_a_hanging_apprise_leaves_the_default_threads_to_handlers(released, default_threads):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"json://127.0.0.1:{deaf.getsockname()[1]}/?rto=5&cto=5"
        made = [channels.AppriseChannel(url) for _ in range(4)]
        alerts = AlertDispatcher("shop", made)
        await alerts.start()
        alerts.incident_raised(alert())
        own = OwnThreads("test", 1)
        connected = [await own.run(deaf.accept) for _ in made]
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 3) == "free"
        for connection, _ in connected:
            connection.close()
        await alerts.stop()


async def test_names_that_nobody_answers_leave_the_default_threads_to_handlers(
    service, released, default_threads, monkeypatch
):
    asked, look_up = [], socket.getaddrinfo

    def dead(host, *args, **named):
        if "invalid" not in str(host):
            return look_up(host, *args, **named)
        asked.append(host)
        released.wait()
        raise socket.gaierror("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", dead)
    loop = asyncio.get_running_loop()
    waiting = [asyncio.ensure_future(loop.getaddrinfo(f"{n % 8}.invalid", 80)) for n in range(200)]
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 20) == "free"
    # Other names are found meanwhile.
    assert await asyncio.wait_for(loop.getaddrinfo("localhost", 80), 20)
    # Many who ask for one name are one lookup.
    assert sorted(asked) == [f"{n}.invalid" for n in range(8)]
    released.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each) for each in found} == {socket.gaierror}


async def test_handlers_in_all_default_threads_keep_no_incident_from_us(service, all_taken, server):
    operate = OperateClient(server, token="t", timeout=timedelta(seconds=20))
    assert await operate.open_incidents() == []
    await operate.close()


async def test_handlers_in_all_default_threads_keep_no_token_from_us(service, all_taken, server):
    credentials = OAuthCredentials(TokenSource(f"{server}/token", "id", "secret"))
    token = await asyncio.wait_for(credentials.fetch(), 20)
    assert token == (("authorization", "Bearer t"),)


async def test_handlers_in_all_default_threads_keep_no_name_from_us(service, all_taken):
    loop = asyncio.get_running_loop()
    assert await asyncio.wait_for(loop.getaddrinfo("localhost", 80), 20)


async def test_handlers_in_all_default_threads_keep_no_alert_from_people(all_taken):
    told = asyncio.Queue()
    loop = asyncio.get_running_loop()
    channel = channels.as_channel(lambda notice: loop.call_soon_threadsafe(told.put_nowait, notice))
    alerts = AlertDispatcher("shop", [channel])
    await alerts.start()
    alerts.incident_raised(alert())
    assert (await asyncio.wait_for(told.get(), 20)).alert == alert()
    await alerts.stop()


@pytest.mark.slow
def test_a_channel_that_hangs_for_ever_does_not_keep_the_process():
    with subprocess.Popen(
        [sys.executable, "-c", FOR_EVER], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "hanging\n"
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("error", [StopIteration("x"), SystemExit(3), KeyError("k")])
async def test_what_a_call_raises_is_an_error_of_the_call(error):
    def fail():
        raise error

    with pytest.raises((RuntimeError, KeyError), match=r"x|3|k"):
        await asyncio.wait_for(OwnThreads("test", 1).run(fail), 20)


def test_a_second_loop_does_not_wait_for_what_hung_on_the_first(released):
    threads = OwnThreads("test", 1)

    async def give_up():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(released.wait), 0.01)

    asyncio.run(give_up())
    assert asyncio.run(threads.run(json.loads, "7")) == 7
