"""`workflow outbox`: what an operator sees and does."""

import asyncio
import json
import os
import sys

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
    (tmp_path / "empty.db").touch()
    text = run(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", "list", code=1)
    assert "no table workflow_outbox: a migration or with_outbox" in text


def test_a_url_that_is_none_says_what_was_expected():
    assert "expected sqlite+aiosqlite:///file.db" in run("nonsense", "list", code=2)


def test_a_file_that_is_not_there_is_not_made(tmp_path):
    text = run(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}", "list", code=3)
    assert f"no file {tmp_path / 'other.db'}" in text
    assert list(tmp_path.iterdir()) == []


SETTINGS = """
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict
from workflow_runtime import EnvironmentSettings

class Settings(EnvironmentSettings):
    model_config = SettingsConfigDict(env_file=".env", env_prefix="SERVICE_", extra="ignore")
    outbox_url: SecretStr = SecretStr("sqlite+aiosqlite:///outbox.db")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A service's folder; nothing in the environment says where its outbox is."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.endswith("_OUTBOX_URL")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def listed(*arguments, **variables):
    result = CliRunner().invoke(app, ["outbox", "list", *arguments], env=variables)
    return result.exit_code, result.output


def test_the_variable_of_the_service_says_where_its_outbox_is(folder, url):
    code, text = listed(SERVICE_OUTBOX_URL=url)
    assert (code, "order_parked" in text) == (0, True)
    assert "(SERVICE_OUTBOX_URL in the environment)" in text


def test_the_file_of_local_work_says_it_too(folder, url):
    (folder / ".env").write_text(f"SHOP_OUTBOX_URL='{url}'\n")
    code, text = listed()
    assert (code, "order_parked" in text) == (0, True)
    assert "(SHOP_OUTBOX_URL in .env)" in text


def test_the_settings_of_the_service_in_this_folder_say_it_where_no_variable_does(folder, url):
    package = folder / "src" / "shop_of_settings"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "settings.py").write_text(SETTINGS)
    code, text = listed()
    assert (code, "order_parked" in text) == (0, True)
    assert "(shop_of_settings.settings.Settings in the service's settings)" in text


def test_a_password_is_not_shown(folder):
    code, text = listed(SERVICE_OUTBOX_URL="postgresql+asyncpg://me:s3cret@127.0.0.1:1/shop")
    assert code == 3
    assert "s3cret" not in text


def test_the_runtimes_own_variable_comes_first(folder, url):
    other = "sqlite+aiosqlite:///other.db"
    assert listed(SERVICE_OUTBOX_URL=other, WORKFLOW_OUTBOX_URL=url)[0] == 0


def test_two_databases_are_not_guessed(folder, url):
    code, text = listed(SERVICE_OUTBOX_URL=url, SHOP_OUTBOX_URL="sqlite+aiosqlite:///other.db")
    assert code == 2
    assert "several databases in the environment: " in text
    assert "SERVICE_OUTBOX_URL" in text
    assert "SHOP_OUTBOX_URL" in text


def test_where_nothing_says_it_all_that_was_looked_at_is_named(folder):
    code, text = listed()
    assert code == 2
    for each in ("--url", "WORKFLOW_OUTBOX_URL", "SERVICE_OUTBOX_URL", str(folder / ".env")):
        assert each in text
