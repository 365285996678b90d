"""Bakes services from this checkout, and runs the tools that judge them."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import template_extensions
from tests.support.commands import COMMAND, environment
from tests.support.tools import run_tool
from tools import demo

ROOT = Path(__file__).resolve().parents[2]
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
    return run_tool


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    return demo.free_port()


@pytest.fixture
def gateway() -> Iterator[str]:
    """The address of an engine in a process of its own: ``workflow dev``."""
    command = [*COMMAND, "dev", "--port", "0"]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as engine:
        try:
            yield re.search(r"http://[\d.]+:\d+", engine.stderr.readline())[0]
        finally:
            engine.terminate()
