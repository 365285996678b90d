"""Webhooks that are slow, hang, fail or are away: nobody else waits, nothing is lost."""

import asyncio
import contextlib
import sys
import time
from collections import Counter

import pytest
from aiohttp import web
from loguru import logger
from tests.runtime.alerts.raised import alert
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.alerts import _delivery
from workflow_runtime.alerts.channels import as_channel
from workflow_runtime.alerts.dispatcher import AlertDispatcher
from workflow_runtime.alerts.replicas import Replicas
from workflow_runtime.observers import Observer


class Hook:
    """Webhooks on one port, a path for each behaviour; ``seen`` are the titles that arrived."""

    def __init__(self):
        self.seen, self.taken = {}, {}
        self.slow_seconds = 0.2
        self.mended = asyncio.Event()
        self._ended = asyncio.Event()
        self.port = 0
        self._runner = None

    def url(self, path, options=""):
        return f"json://127.0.0.1:{self.port}/{path}{options}"

    async def start(self):
        app = web.Application()
        app.router.add_post("/{path}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self):
        self._ended.set()
        await self._runner.cleanup()

    async def _answer(self, request):
        path, title = request.match_info["path"], (await request.json())["title"]
        self.seen.setdefault(path, []).append(title)
        if path in {"hang", "slow"}:
            with contextlib.suppress(TimeoutError):
                seconds = self.slow_seconds if path == "slow" else None
                await asyncio.wait_for(self._ended.wait(), seconds)
        if path == "500" and not self.mended.is_set():
            return web.Response(status=500)
        if path == "cut" and len(self.seen[path]) == 1:
            request.transport.close()
        self.taken.setdefault(path, []).append(title)
        return web.Response()


class Ends(Observer):
    def __init__(self):
        self.ended, self.oldest = Counter(), {}
        self.observers = self

    def alert_ended(self, channel, outcome, seconds):
        self.ended[channel, outcome] += 1

    def alerts_waiting(self, channel, waiting, oldest):
        self.oldest[channel] = (waiting, oldest)


class Clock:
    def __init__(self):
        self.beyond = 0.0

    def __call__(self):
        return time.monotonic() + self.beyond


@pytest.fixture
async def hook():
    hook = Hook()
    await hook.start()
    yield hook
    await hook.stop()


@pytest.fixture
def logged():
    lines = []
    sink = logger.add(
        lambda line: lines.append(str(line)), level="INFO", format="{level} {message}"
    )
    yield lines
    logger.remove(sink)


@contextlib.asynccontextmanager
async def running(*channels, ends=None, **options):
    alerts = AlertDispatcher("shop", [as_channel(each) for each in channels], **options)
    await alerts.start(ends)
    try:
        yield alerts
    finally:
        await alerts.stop()


def titles(*elements):
    return [f"Incident in order: {element}" for element in elements]


def raise_all(alerts, *elements):
    for number, element in enumerate(elements):
        alerts.incident_raised(alert(element=element, job=number + 1))


async def quickly(_seconds):
    await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_hanging_failing_and_absent_webhooks_delay_nobody(hook, unused_tcp_port_factory):
    away = f"json://127.0.0.1:{unused_tcp_port_factory()}/"
    bad = [hook.url("hang"), hook.url("500"), away, hook.url("slow")]
    hook.slow_seconds = 1000
    async with running(*bad, hook.url("ok")) as alerts:
        raise_all(alerts, "a", "b", "c")
        await until(lambda: len(hook.taken.get("ok", ())) == 3)
        assert hook.seen["ok"] == titles("a", "b", "c")
        assert hook.seen["hang"] == titles("a")


@pytest.mark.slow
async def test_many_hanging_webhooks_take_no_thread_from_the_others(hook):
    async with running(*[hook.url("hang")] * 40, hook.url("ok")) as alerts:
        raise_all(alerts, "a")
        await until(lambda: hook.taken.get("ok"))
        await until(lambda: len(hook.seen["hang"]) == 40)
    assert hook.taken["ok"] == titles("a")


@pytest.mark.slow
async def test_a_webhook_slower_than_apprise_waits_by_default_gets_each_notice_once(hook):
    hook.slow_seconds = 5
    async with running(hook.url("slow"), hook.url("ok")) as alerts:
        raise_all(alerts, "a", "b")
        await until(lambda: len(hook.taken.get("slow", ())) == 2)
    assert hook.seen == {"slow": titles("a", "b"), "ok": titles("a", "b")}


async def test_an_answer_that_is_lost_repeats_the_notice_to_that_channel_only(hook):
    async with running(hook.url("cut"), hook.url("ok"), sleep=quickly) as alerts:
        raise_all(alerts, "a", "b")
        await until(lambda: len(hook.seen.get("cut", ())) == 3)
    assert hook.seen["cut"] == titles("a", "a", "b")
    assert hook.seen["ok"] == titles("a", "b")


async def test_a_function_that_answers_after_its_time_is_not_called_again(monkeypatch):
    monkeypatch.setattr(_delivery, "_PATIENCE", 0.05)
    called = []

    def post(notice):
        called.append(notice.title)
        time.sleep(0.3)

    async with running(post, sleep=quickly) as alerts:
        raise_all(alerts, "a", "b")
        await until(lambda: len(called) == 2)
    assert called == titles("a", "b")


async def test_a_coroutine_that_never_answers_is_tried_again(monkeypatch):
    monkeypatch.setattr(_delivery, "_PATIENCE", 0.05)
    called = []

    async def post(notice):
        called.append(notice.title)
        if len(called) < 3:
            await asyncio.Event().wait()

    async with running(post, sleep=quickly) as alerts:
        raise_all(alerts, "a")
        await until(lambda: len(called) == 3)


async def test_a_channel_that_raises_a_cancellation_goes_on(hook):
    called = []

    async def post(notice):
        called.append(notice.title)
        if len(called) == 1:
            raise asyncio.CancelledError

    async with running(post, sleep=quickly) as alerts:
        raise_all(alerts, "a", "b")
        await until(lambda: len(called) == 3)


async def test_a_webhook_that_was_away_for_long_gets_all_that_was_urgent(hook, logged):
    clock, ends = Clock(), Ends()
    async with running(hook.url("500"), clock=clock, sleep=quickly, ends=ends) as alerts:
        raise_all(alerts, *"abcdefgh")
        await until(lambda: any("do not get through" in line for line in logged))
        for _ in range(8):
            clock.beyond += 300
            tried = len(hook.seen.get("500", ()))
            await until(lambda tried=tried: len(hook.seen.get("500", ())) > tried + 1)
        alerts.tick()
        waiting, oldest = ends.oldest["apprise json"]
        assert (waiting, oldest > 2000) == (8, True)
        hook.mended.set()
        await until(lambda: sum(ends.ended.values()) == 8)
    one, rest = hook.taken["500"]
    assert one.endswith(", late by 40 min")
    assert rest == "7 more alerts of shop, late by 40 min"
    assert ends.ended == {("apprise json", "delayed"): 8}
    assert ends.oldest["apprise json"][0] == 0
    said = [line for line in logged if "alerts" in line]
    assert [line.split()[0] for line in said] == ["WARNING", "ERROR", "INFO"]
    assert "get through to apprise json again, after 40 min" in said[2]


async def test_what_could_not_be_sent_at_the_end_is_one_line_and_counted(hook, logged):
    ends = Ends()
    async with running(hook.url("500"), hook.url("ok"), ends=ends, sleep=quickly) as alerts:
        raise_all(alerts, *"abcd")
        await until(lambda: len(hook.seen.get("500", ())) > 3)
    assert ends.ended == {("apprise json", "lost"): 4, ("apprise json 2", "sent"): 4}
    (lost,) = [line for line in logged if "not sent" in line]
    assert "ERROR 4 alerts to apprise json were not sent, the service has ended: " in lost


@pytest.mark.slow
@pytest.mark.parametrize("path", ["hang", "500"])
async def test_a_service_stops_in_its_time_whatever_a_webhook_does(hook, path):
    alerts = AlertDispatcher("shop", [as_channel(hook.url(path)), as_channel(hook.url("ok"))])
    await alerts.start()
    raise_all(alerts, *"abcdefghijklmnop")
    await until(lambda: hook.seen.get(path))
    began = time.monotonic()
    await alerts.stop()
    assert time.monotonic() - began < 9
    assert len(hook.taken["ok"]) == 11


async def test_a_service_that_stops_tries_a_failing_channel_once_more(hook):
    paused = asyncio.Event()

    async def long(_seconds):
        paused.set()
        await asyncio.Event().wait()

    async with running(hook.url("500"), sleep=long) as alerts:
        raise_all(alerts, "a")
        await asyncio.wait_for(paused.wait(), 60)
        hook.mended.set()
    assert hook.taken["500"] == titles("a")


async def test_an_incident_and_its_end_come_in_order_through_a_channel_that_fails(hook):
    async with running(hook.url("500"), sleep=quickly) as alerts:
        raise_all(alerts, "a", "b")
        await until(lambda: hook.seen.get("500"))
        alerts.incident_resolved("order", 10, 1)
        await until(lambda: len(hook.seen["500"]) > 5)
        hook.mended.set()
    assert sorted(hook.taken["500"]) == [
        "Incident in order: a, resolved meanwhile",
        "Incident in order: b",
    ]


LEAVING = """
import asyncio, sys
from tests.runtime.alerts.raised import alert
from workflow_runtime.alerts.channels import as_channel
from workflow_runtime.alerts.dispatcher import AlertDispatcher

async def main():
    alerts = AlertDispatcher("shop", [as_channel(sys.argv[1])])
    await alerts.start()
    alerts.incident_raised(alert())
    await asyncio.sleep(0.1)
    await alerts.stop()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_process_ends_though_a_webhook_hangs(hook):
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", LEAVING, hook.url("hang"))
    await until(lambda: hook.seen.get("hang"))
    # The service's 5 s for what waits, and none for Apprise's own threads.
    assert await asyncio.wait_for(process.wait(), 40) == 0


class Deaf(EmbeddedGateway):
    """An engine that does not answer whether an incident was told."""

    async def publish_message(self, *args, **options):
        await asyncio.Event().wait()


async def test_an_incident_of_the_last_moment_is_told_though_the_engine_is_away(hook):
    replicas, ends = Replicas(Deaf(Engine()), "shop"), Ends()
    async with running(hook.url("ok"), hook.url("500"), replicas=replicas, ends=ends) as alerts:
        raise_all(alerts, "a")
    assert hook.taken == {"ok": titles("a")}
    assert ends.ended == {("apprise json", "sent"): 1, ("apprise json 2", "lost"): 1}


async def test_events_that_the_engine_refuses_are_few_lines_and_notices(hook, logged):
    async with running(hook.url("ok")) as alerts:
        for number in range(300):
            alerts.event_parked("paid", f"id-{number}", "too large")
    parked = "shop: event paid cannot be sent"
    assert hook.taken["ok"] == [parked, parked, f"{parked} (298 more times)"]
    assert len([line for line in logged if parked in line]) == 1


async def test_several_urls_in_one_are_refused(hook):
    with pytest.raises(Exception, match="give each by itself"):
        as_channel(f"{hook.url('ok')},{hook.url('500')}")
