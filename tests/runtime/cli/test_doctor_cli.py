"""`workflow doctor`: what is there, what is wrong, what to do; never a secret."""

import json
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from workflow_runtime.cli._app import app
from workflow_runtime.extras import EXTRAS

PYPROJECT = Path(__file__).resolve().parents[3] / "runtime" / "pyproject.toml"


def doctor(*arguments, **environment):
    return CliRunner().invoke(app, ["doctor", *arguments], env=environment)


def test_where_all_is_well_it_exits_with_0_and_names_the_broker(address):
    result = doctor("--address", address)
    assert result.exit_code == 0, result.output
    assert "ok   broker" in result.output
    assert "1 broker(s)" in result.output


def test_a_broker_that_is_away_is_bad_and_says_what_to_do():
    result = doctor("--address", "http://127.0.0.1:1")
    assert result.exit_code == 3
    assert "BAD  broker" in result.output
    assert "-> start the broker" in result.output


def test_an_address_that_cannot_be_used_is_a_mistake():
    result = doctor("--address", "ftp://x")
    assert result.exit_code == 2
    assert "BAD  address" in result.output


def test_programs_get_each_finding_with_its_state(address):
    found = json.loads(doctor("--address", address, "--json").stdout)
    assert {each["subject"]: each["state"] for each in found}["broker"] == "ok"


def test_names_of_variables_are_shown_and_values_are_not(address):
    result = doctor("--address", address, WORKFLOW_USER="demo", WORKFLOW_PASSWORD="s3cret")
    assert "WORKFLOW_PASSWORD" in result.output
    assert "s3cret" not in result.output


def test_extras_that_may_be_told_to_install_are_those_of_the_package():
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    assert sorted(EXTRAS) == sorted(project["optional-dependencies"])
