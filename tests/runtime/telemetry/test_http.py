"""Probes and Prometheus see what the service does, and what stands still."""

import asyncio
import json
import re
import threading
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import ConfigurationError, WorkflowBuilder, WorkflowSettings
from workflow_runtime.gateway.errors import Unavailable
from workflow_runtime.observers import Observer
from workflow_runtime.telemetry.http import HealthServer

_BPMN = one_task("order", "pay").content


class Away(EmbeddedGateway):
    """An engine that nobody reaches."""

    async def activate_jobs(self, request):
        raise Unavailable("away")


class Polls(Observer):
    def __init__(self):
        self.answered, self.refused = asyncio.Event(), asyncio.Event()

    def poll_ok(self, job_type):
        self.answered.set()

    def poll_failed(self, job_type, status):
        self.refused.set()


class Service:
    def __init__(self, tmp_path, gateway=None, **settings):
        (tmp_path / "order.bpmn").write_bytes(_BPMN)
        settings = WorkflowSettings(
            service_name="shop",
            health_port=0,
            long_poll=timedelta(milliseconds=50),
            grace=timedelta(seconds=1),
            **settings,
        )
        self.polls = Polls()
        self.builder = WorkflowBuilder(
            settings=settings,
            gateway=gateway or EmbeddedGateway(Engine()),
            observers=[self.polls],
        ).with_process(tmp_path / "order.bpmn")

    async def get(self, workflow, path):
        server = next(c for c in workflow._lifespan.hooks if isinstance(c, HealthServer))
        return await asyncio.to_thread(fetch, f"http://127.0.0.1:{server.port}{path}")


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(text):
    return {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


async def test_a_service_that_polls_is_live_and_ready(tmp_path):
    service = Service(tmp_path)
    service.builder.with_handler("order_pay", lambda task: None)
    async with service.builder.running() as workflow:
        await service.polls.answered.wait()
        await workflow.deployed()
        for path in ("/live", "/ready"):
            assert await service.get(workflow, path) == (200, '{"status": "ok", "reasons": []}')
        status, text = await service.get(workflow, "/health")
        assert status == 200
        assert json.loads(text)["types"]["order_pay"]["running"] == 0


async def test_a_broker_that_is_away_makes_it_not_ready_but_never_killed(tmp_path):
    service = Service(tmp_path, Away(Engine()))
    service.builder.with_handler("order_pay", lambda task: None)
    async with service.builder.running() as workflow:
        await service.polls.refused.wait()
        status, text = await service.get(workflow, "/ready")
        assert (status, json.loads(text)["reasons"]) == (503, ["order_pay: UNAVAILABLE"])
        assert (await service.get(workflow, "/live"))[0] == 200


async def test_who_blocks_the_event_loop_is_named_while_it_is_blocked(tmp_path):
    service, answers, asked = Service(tmp_path), [], []
    service.builder.with_handler("order_pay", lambda task: None)
    async with service.builder.running() as workflow:
        server = next(c for c in workflow._lifespan.hooks if isinstance(c, HealthServer))

        def ask():
            until = time.monotonic() + 30
            while time.monotonic() < until and not answers:
                stalled = json.loads(fetch(f"http://127.0.0.1:{server.port}/health")[1])["stalled"]
                answers.extend(stalled)
            asked.append(True)

        def culprit():
            threading.Thread(target=ask).start()
            while not asked:
                pass

        culprit()
    assert "blocked" in answers[0]
    assert f"culprit ({__file__}:" in answers[0]


async def test_a_handler_that_does_not_end_is_named(tmp_path):
    service = Service(tmp_path, stalled_handler=timedelta(milliseconds=1))
    started, release = asyncio.Event(), asyncio.Event()

    async def pay(task):
        await asyncio.sleep(0.005)
        started.set()
        await release.wait()

    service.builder.with_handler("order_pay", pay)
    async with service.builder.running() as workflow:
        await workflow.start_process("order")
        await started.wait()
        stalled = json.loads((await service.get(workflow, "/health"))[1])["stalled"]
        release.set()
    assert "handler of order_pay runs for 0 s (job " in stalled[0]


async def test_a_poll_loop_that_does_not_turn_is_named_and_not_live(tmp_path):
    service = Service(tmp_path)
    service.builder.with_handler("order_pay", lambda task: None)
    async with service.builder.running() as workflow:
        await service.polls.answered.wait()
        for poller in workflow._worker._pollers:
            poller._stop.set()
            poller.state.turned = time.monotonic() - 120
        status, text = await service.get(workflow, "/live")
    assert status == 503
    assert "the poll loop of order_pay has not turned for 120 s" in text


async def test_metrics_count_jobs_events_and_incidents(tmp_path):
    service = Service(tmp_path)
    service.builder.with_handler("order_pay", lambda task: None)
    async with service.builder.running() as workflow:
        await workflow.start_process_and_wait("order")
        await workflow.publish_event("order_paid", event_id="1")
        await workflow.publish_event("order_paid", event_id="1")
        found = samples((await service.get(workflow, "/metrics"))[1])
    assert found["workflow_jobs_activated_total", "order_pay"] == 1
    assert found["workflow_jobs_total", "completed", "order_pay"] == 1
    assert found["workflow_job_duration_seconds_count", "order_pay"] == 1
    assert found["workflow_jobs_in_flight", "order_pay"] == 0
    assert found["workflow_events_total", "order_paid", "published"] == 1
    assert found["workflow_events_total", "duplicate", "order_paid"] == 1
    assert found["workflow_ready",] == 1
    assert found["workflow_poll_age_seconds", "order_pay"] < 60


async def test_counters_of_its_types_and_channels_are_there_before_anything_happens(tmp_path):
    def page(notice):
        raise AssertionError("nothing to tell")

    service = Service(tmp_path)
    service.builder.with_handler("order_pay", lambda task: None).with_alerts(page, page)
    async with service.builder.running() as workflow:
        _, text = await service.get(workflow, "/metrics")
    assert 'workflow_jobs_total{outcome="incident",type="order_pay"} 0.0' in text
    names = re.findall(r'workflow_alerts_total\{channel="([^"]+)",outcome="lost"\} 0.0', text)
    assert [name.rpartition(".")[2] for name in names] == ["page", "page 2"]
    assert 'workflow_runtime_info{service_name="shop"' in text


async def test_a_port_that_is_taken_is_an_error_at_the_start(tmp_path):
    first = Service(tmp_path)
    async with first.builder.running() as workflow:
        server = next(c for c in workflow._lifespan.hooks if isinstance(c, HealthServer))
        second = Service(tmp_path)
        second.builder.settings = second.builder.settings.model_copy(
            update={"health_port": server.port}
        )
        with pytest.raises(ConfigurationError, match="in use; set WORKFLOW_HEALTH_PORT"):
            await second.builder.run()
