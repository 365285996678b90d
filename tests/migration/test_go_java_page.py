"""The service of the page for Go and Java, built in an empty folder by the page alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "migrate-from-go-java.md"
FILE = re.compile(r"`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(command, folder, environment):
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_service_of_the_page_passes_what_the_page_runs(tmp_path):
    text = PAGE.read_text()
    files = dict(FILE.findall(text))
    assert set(files) == {"orders.py", "order.bpmn", "test_orders.py"}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "VIRTUAL_ENV", "UV_PYTHON"}
    }
    environment["PATH"] = f"{tmp_path}/.venv/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
    run(f"uv venv --quiet --python {sys.executable} .venv", tmp_path, environment)
    packages = f"'{ROOT / 'runtime'}' '{ROOT / 'devkit'}' pytest"
    run(f"uv pip install --quiet --python .venv/bin/python {packages}", tmp_path, environment)
    (commands,) = COMMANDS.findall(text)
    told = [run(command, tmp_path, environment) for command in commands.splitlines()]
    assert len(told) == 3
    assert "2 passed" in told[-1]
