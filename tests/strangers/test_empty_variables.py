"""Compose files and Helm charts write empty variables: they are not set, whoever reads them."""

import subprocess
import sys

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from tests.support.commands import environment

from workflow_runtime import EnvironmentSettings, WorkflowBuilder, WorkflowSettings

VARIABLES = sorted(
    {f"WORKFLOW_{name.upper()}" for name in WorkflowSettings.model_fields}
    | {
        str(name)
        for field in WorkflowSettings.model_fields.values()
        if field.validation_alias is not None
        for name in field.validation_alias.choices
    }
)
BLANKS = pytest.mark.parametrize("blank", ["", " ", "\t", "\r\n", "  \n"], ids=repr)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", VARIABLES)
@BLANKS
def test_an_empty_variable_is_one_that_is_not_set(name, blank, monkeypatch):
    default = WorkflowSettings()
    monkeypatch.setenv(name, blank)
    assert WorkflowSettings() == default


def test_all_of_them_at_once_leave_all_defaults(monkeypatch):
    default = WorkflowSettings()
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert WorkflowSettings() == default
    assert WorkflowBuilder().settings == default


def test_an_empty_name_does_not_hide_the_next_one(monkeypatch):
    monkeypatch.setenv("WORKFLOW_ADDRESS", "")
    monkeypatch.setenv("ZEEBE_GRPC_ADDRESS", " ")
    monkeypatch.setenv("ZEEBE_ADDRESS", "http://there:26500")
    assert WorkflowSettings().address == "http://there:26500"


def test_what_is_wrong_is_still_said(monkeypatch):
    monkeypatch.setenv("WORKFLOW_MAX_RUNNING", "many")
    with pytest.raises(Exception, match="WORKFLOW_MAX_RUNNING"):
        WorkflowSettings()


class Own(EnvironmentSettings):
    """As a generated service has it."""

    model_config = SettingsConfigDict(env_file=".env", env_prefix="SERVICE_", extra="ignore")

    retries: int = Field(default=7, ge=1)
    url: str = "sqlite://"


@BLANKS
def test_a_service_s_own_settings_take_empty_ones_the_same_way(monkeypatch, tmp_path, blank):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVICE_RETRIES", blank)
    monkeypatch.setenv("SERVICE_URL", blank)
    assert (Own().retries, Own().url) == (7, "sqlite://")
    # What a .env says is not hidden by an empty variable beside it.
    (tmp_path / ".env").write_text("SERVICE_RETRIES=3\nSERVICE_URL=\n")
    assert (Own().retries, Own().url) == (3, "sqlite://")


@BLANKS
def test_the_command_line_takes_empty_ones_the_same_way(blank):
    given = dict.fromkeys((*VARIABLES, "WORKFLOW_OUTBOX_URL"), blank)
    found = subprocess.run(
        [sys.executable, "-m", "workflow_runtime.cli", "doctor", "--json"],
        env=environment(**given),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "127.0.0.1:26500" in found.stdout, found.stderr
    assert "set: nothing" in found.stdout
