"""`workflow outbox`: what an operator sees and does."""

import asyncio
import json

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from workflow_runtime.cli._app import app
from workflow_runtime.publishing.outbox import Outbox


@pytest.fixture
def url(tmp_path):
    """An outbox with one event in each state."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}"

    async def fill():
        outbox = Outbox(url)
        await outbox.create_table()
        async with outbox.engine.begin() as connection:
            for name in ("waiting", "parked", "sent"):
                await outbox.publish(
                    connection, f"order_{name}", correlation_key="7", scope={"card": "4111"}
                )
                row = outbox.table.c.name == f"order_{name}"
                values = {"state": name, "attempts": 3}
                await connection.execute(update(outbox.table).where(row).values(**values))
        await outbox.engine.dispose()

    asyncio.run(fill())
    return url


def run(url, *arguments, code=0):
    result = CliRunner().invoke(app, ["outbox", *arguments], env={"WORKFLOW_OUTBOX_URL": url})
    assert result.exit_code == code, result.output
    return result.output


def states(url):
    return [entry["state"] for entry in json.loads(run(url, "list", "--json"))]


def test_list_shows_events_without_their_scopes(url):
    text = run(url, "list")
    assert "order_parked" in text
    assert "4111" not in text + run(url, "list", "--json")


def test_list_chooses_by_state_and_name(url):
    entries = json.loads(run(url, "list", "--state", "parked", "--json"))
    assert [(e["name"], e["attempts"]) for e in entries] == [("order_parked", 3)]
    assert json.loads(run(url, "list", "--name", "order_other", "--json")) == []


def test_retry_lets_parked_events_wait_again(url):
    assert "1 parked event would be" in run(url, "retry", "--dry-run")
    assert states(url) == ["waiting", "parked", "sent"]
    assert "1 parked event will be" in run(url, "retry")
    assert states(url) == ["waiting", "waiting", "sent"]


def test_purge_deletes_what_was_sent_long_ago(url):
    assert "0 sent events" in run(url, "purge")
    assert "1 sent event would be" in run(url, "purge", "--older-than", "0s", "--dry-run")
    assert json.loads(run(url, "purge", "--older-than", "0s", "--json"))["events"] == 1
    assert states(url) == ["waiting", "parked"]


def test_purge_refuses_events_that_are_about_to_be_sent(url):
    assert "waiting events are about to be sent" in run(url, "purge", "--state", "waiting", code=2)
    assert len(states(url)) == 3


def test_a_database_without_an_outbox_is_one_line(tmp_path):
    text = run(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", "list", code=1)
    assert "no table workflow_outbox: a migration or with_outbox" in text


def test_a_url_that_is_none_says_what_was_expected():
    assert "expected sqlite+aiosqlite:///file.db" in run("nonsense", "list", code=2)
