"""A real Prometheus answers every query of the dashboard from what a service exposes."""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import DEVNULL

import aiohttp
import pytest
from prometheus_client import start_http_server
from tests.night.processes import free_port
from tests.support.promtool import rendered

from workflow_runtime.health import Health, TypeHealth
from workflow_runtime.telemetry.gauges import HealthGauges
from workflow_runtime.telemetry.metrics import Metrics

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("prometheus"),
        reason='no prometheus: export PATH="$PATH:$(tools/unpacked.sh prometheus)/usr/bin"',
    ),
]
_SAMPLES = 3
"""Scrapes after which rates are known."""
_UNKNOWN = ("incidents_total", "command_resends", "workflow_events_total")
"""Counters that are there when the first of their kind has happened."""


def exposed(*, watched):
    metrics = Metrics("shop", job_types=["pay"], channels=["pager"])
    metrics.registry.register(
        HealthGauges(lambda: Health(True, True, {"pay": TypeHealth(1.0, "", 0)}))
    )
    if watched:
        metrics.watcher_state("watching")
        metrics.incidents_open({})
        metrics.outbox_state(0, 0, 0.0)
    else:
        metrics.watcher_state("blind")
        metrics.incidents_unwatched()
        metrics.outbox_away()
    return metrics.registry


async def asked(session, port, query):
    url = f"http://127.0.0.1:{port}/api/v1/query"
    async with session.get(url, params={"query": query}) as answer:
        content = await answer.json()
    assert content["status"] == "success", content
    return [float(each["value"][1]) for each in content["data"]["result"]]


async def scraped(session, port):
    """Waits until there are enough samples."""
    async with asyncio.timeout(60):
        while True:
            try:
                count = await asked(session, port, "min(count_over_time(workflow_ready[1m]))")
            except aiohttp.ClientError:
                count = []
            if count and count[0] >= _SAMPLES:
                return
            await asyncio.sleep(0.2)


async def ask_all(tmp_path, queries, *, watched):
    port = free_port()
    server, _ = start_http_server(0, "127.0.0.1", exposed(watched=watched))
    targets = [f"127.0.0.1:{server.server_port}"]
    scrape = {"job_name": "shop", "static_configs": [{"targets": targets}]}
    config = tmp_path / "prometheus.yml"
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}))
    prometheus = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stderr=DEVNULL,
        env=os.environ | {"GOMAXPROCS": "1"},
    )
    try:
        async with aiohttp.ClientSession() as session:
            await scraped(session, port)
            return {query: await asked(session, port, query) for query in queries}
    finally:
        prometheus.terminate()
        await prometheus.wait()
        server.shutdown()
        server.server_close()


def queries():
    return {
        target["expr"].replace("$job", ".*").replace("$__rate_interval", "1m"): panel["title"]
        for panel in json.loads(rendered("grafana.json"))["panels"]
        for target in panel["targets"]
    }


async def test_every_query_has_an_answer_when_all_is_well(tmp_path):
    answers = await ask_all(tmp_path, queries(), watched=True)
    empty = [q for q, values in answers.items() if not values]
    assert [q for q in empty if not any(name in q for name in _UNKNOWN)] == []
    titles = {title: query for query, title in queries().items()}
    assert answers[titles["Operate"]] == [1]
    assert answers[titles["Open incidents"]] == [0]


async def test_what_nobody_knows_is_not_shown_as_zero(tmp_path):
    answers = await ask_all(tmp_path, queries(), watched=False)
    titles = {title: query for query, title in queries().items()}
    assert answers[titles["Operate"]] == [0]
    assert answers[titles["Outbox's database"]] == [0]
    for title in ("Open incidents", "Outbox", "Oldest event in the outbox"):
        assert answers[titles[title]] == [], title
