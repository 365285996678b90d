"""`workflow constants`: writes a module, and tells in CI when it no longer fits."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn
from typer.testing import CliRunner

from workflow_runtime.cli._app import app

RUFF = Path(sys.executable).with_name("ruff")
ONE = "start s\nservice t job=order_charge\nend e\ns -> t -> e"
TWO = ONE.replace("order_charge", "order_chargeCard")


@pytest.fixture
def diagram(tmp_path):
    path = tmp_path / "order.bpmn"
    path.write_bytes(bpmn(ONE, "order"))
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["constants", *map(str, arguments)])


def test_a_module_that_was_just_written_passes_the_check(diagram, tmp_path):
    module = tmp_path / "constants.py"
    assert run(diagram, "-o", module).exit_code == 0
    assert 'CHARGE = "order_charge"' in module.read_text()
    assert run(diagram, "-o", module, "--check").exit_code == 0


def test_the_check_shows_what_differs_and_writes_nothing(diagram, tmp_path):
    module = tmp_path / "constants.py"
    run(diagram, "-o", module)
    before = module.read_bytes()
    diagram.write_bytes(bpmn(TWO, "order"))
    found = run(diagram, "-o", module, "--check")
    assert found.exit_code == 1
    assert '-    CHARGE = "order_charge"' in found.output
    assert '+    CHARGE_CARD = "order_chargeCard"' in found.output
    assert module.read_bytes() == before


def test_programs_are_told_the_same(diagram, tmp_path):
    module = tmp_path / "constants.py"
    found = run(diagram, "-o", module, "--check", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout) == {"file": str(module), "changed": True, "written": False}


def test_lines_are_as_long_as_the_project_wants_them(diagram, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 30\n")
    module = tmp_path / "constants.py"
    run(diagram, "-o", module)
    assert 'CHARGE = "order_charge"' in module.read_text()
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 25\n")
    run(diagram, "-o", module)
    assert '    CHARGE = (\n        "order_charge"\n    )' in module.read_text()


def test_of_two_configurations_the_one_counts_that_ruff_takes(diagram, tmp_path):
    (tmp_path / "ruff.toml").write_text("line-length = 30\n")
    (tmp_path / ".ruff.toml").write_text("line-length = 25\n")
    module = tmp_path / "constants.py"
    run(diagram, "-o", module)
    formatting = [RUFF, "format", "--check", module]
    told = subprocess.run(formatting, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_a_check_of_nothing_is_a_mistake_on_the_command_line(diagram):
    found = run(diagram, "--check")
    assert found.exit_code == 2
    assert "-o MODULE.py" in found.output


def test_a_folder_that_does_not_exist_is_told_in_one_line(diagram, tmp_path):
    found = run(diagram, "-o", tmp_path / "nowhere" / "constants.py")
    assert found.exit_code == 1
    assert "nowhere" in found.output
    assert "Traceback" not in found.output
