"""Functions and URLs are channels, and get what the dispatcher sends."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import web
from tests.runtime.alerts.raised import alert

from workflow_runtime import ConfigurationError
from workflow_runtime import WorkflowSettings as Settings
from workflow_runtime.alerts.channels import (
    _APPRISE_TYPES,
    AppriseChannel,
    CallableChannel,
    as_channel,
)
from workflow_runtime.alerts.dispatcher import AlertDispatcher
from workflow_runtime.alerts.model import Kind

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_function_is_a_channel(kind):
    seen = []

    async def ring(notice):
        seen.append(notice)

    channel = as_channel(ring if kind == "async" else seen.append)
    assert isinstance(channel, CallableChannel)
    alerts = AlertDispatcher("shop", [channel])
    await alerts.start()
    alerts.incident_raised(alert())
    await alerts.stop()
    assert seen[0].kind is Kind.INCIDENT


async def test_apprise_delivers_to_a_webhook():
    received = asyncio.Queue()

    async def hook(request):
        await received.put(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    alerts = AlertDispatcher("shop", [AppriseChannel(f"json://127.0.0.1:{port}/hook")])
    await alerts.start()
    alerts.incident_raised(alert())
    got = await asyncio.wait_for(received.get(), 10)
    await alerts.stop()
    await runner.cleanup()
    assert got["title"] == "Incident in order: pay"
    assert got["type"] == "failure"


def test_a_url_that_apprise_does_not_know_is_refused_without_repeating_it():
    with pytest.raises(ConfigurationError, match="nonsense://") as caught:
        as_channel("nonsense://user:hunter2@host")
    assert "hunter2" not in str(caught.value)


def test_alert_urls_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("WORKFLOW_ALERT_URLS", "json://one json://two")
    assert [u.get_secret_value() for u in Settings().alert_urls] == ["json://one", "json://two"]


def test_the_page_has_every_kind_of_notice_with_its_type_at_apprise():
    page = (ROOT / "docs" / "how-to" / "incidents-and-alerts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (failure|warning|success) \|", page, re.MULTILINE)
    types = {str(kind): _APPRISE_TYPES.get(kind, "failure") for kind in Kind}
    assert dict(rows) == types
