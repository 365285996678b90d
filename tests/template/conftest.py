"""Bakes services from this checkout, and runs the tools that judge them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import template_extensions
from tools import demo

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GIT_ADDRESS = "https://git.example.com/team/workflow-template.git"

Bake = Callable[..., Path]


@pytest.fixture
def bake(cookies, monkeypatch) -> Bake:
    """Bakes a service with these answers; the rest are defaults."""
    monkeypatch.setattr(template_extensions, "runtime_git", lambda: GIT_ADDRESS)

    def baked(**answers: str) -> Path:
        result = cookies.bake(extra_context=answers, template=str(ROOT))
        if result.exception:
            raise result.exception
        return result.project_path

    return baked


@pytest.fixture
def tool() -> Callable[..., str]:
    """Runs a tool of this environment in a folder; its output, or a failure that shows it."""

    def run(folder: Path, *command: str, timeout: float = 60) -> str:
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


def clean_environment() -> dict[str, str]:
    """The environment without what belongs to this test run."""
    ours = {"VIRTUAL_ENV", "PYTHONPATH", "TOX_ENV_NAME", "TOX_WORK_DIR", "PYTEST_CURRENT_TEST"}
    prefixes = ("COV_", "PYTEST_XDIST", "ZEEBE_", "WORKFLOW_")
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith(prefixes)}
    return kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    return demo.free_port()
