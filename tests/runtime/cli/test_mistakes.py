"""Mistakes on the command line: one sentence that helps, an exit code that tells, no traceback."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import workflow_runtime
from workflow_runtime.cli._app import app

PACKAGE = Path(workflow_runtime.__file__).parent
LIBRARIES = re.compile(r"^\s*(?:from|import) (?:typer|rich)\b", re.MULTILINE)
SERVICE = """
from workflow_runtime import WorkflowBuilder

def no_file():
    return WorkflowBuilder("x").with_process("nofile.bpmn")

def needs(what):
    return what

def fails():
    raise ValueError("my bug")

def fine():
    return WorkflowBuilder("x")

text = "no builder"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mistaken.py").write_text(SERVICE)
    (tmp_path / "crashing.py").write_text("x = 1\n1 / 0\n")
    (tmp_path / "unfinished.py").write_text("def f(:\n")
    (tmp_path / "lacking.py").write_text("import a_package_that_is_not_there\n")
    (tmp_path / "garbage.bpmn").write_text("no XML")
    yield tmp_path
    for name in ("mistaken", "crashing", "unfinished", "lacking"):
        sys.modules.pop(name, None)


def run(*arguments: str):
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result


MISTAKES = [
    ("strat x", 2, "Did you mean 'start'"),
    ("start x --adress y", 2, "--address"),
    ("start p --scope {bad", 2, "--scope: no JSON"),
    ("start p --scope [1]", 2, "expected a JSON object"),
    ("start p --scope @nofile", 2, "cannot read nofile"),
    ("start p --var x", 2, "NAME=VALUE"),
    ("start p --timeout soon", 2, "90s"),
    ("start p --timeout 1m1m", 2, "each unit goes once into a duration, got '1m1m'"),
    ("start p --address ftp://x", 2, "http://host[:26500]"),
    ("start p --address http://127.0.0.1:1", 3, "workflow doctor"),
    ("deploy nofile.bpmn", 2, "no such file"),
    ("constants garbage.bpmn", 1, "garbage.bpmn:1: expected an XML file"),
    ("stubs garbage.bpmn -o handlers", 1, "garbage.bpmn:1: expected an XML file"),
    ("dev --port 99999", 2, "65535"),
    ("dev --host 0.0.0.0", 2, "--expose"),
    ("dev --records nowhere/records.jsonl", 1, "nowhere/records.jsonl: No such file"),
    ("run mistaken", 2, "MODULE:BUILDER"),
    ("run mistakn:fine", 2, "no module 'mistakn'"),
    ("run mistaken:fin", 2, "did you mean 'fine'"),
    ("run mistaken:text", 2, "expected a WorkflowBuilder"),
    ("run mistaken:needs", 2, "missing a required argument: 'what'"),
    ("run mistaken:fails", 1, "mistaken.py:11: ValueError: my bug"),
    ("run mistaken:no_file", 1, "nofile.bpmn: no such BPMN file"),
    ("run crashing:x", 1, "crashing.py:2: ZeroDivisionError"),
    ("run unfinished:x", 1, "unfinished.py:1: "),
    ("run lacking:x", 2, "needs a_package_that_is_not_there"),
    ("run mistaken:fine --reload --processes 2", 2, "--reload is for one process"),
    ("run mistaken:fine --reload --watch nowhere", 2, "--watch nowhere"),
    ("check mistaken:fine", 1, "builder.with_process"),
]


@pytest.mark.parametrize(("line", "code", "words"), MISTAKES, ids=[line for line, *_ in MISTAKES])
def test_a_mistake_is_told_with_what_to_do(folder, line, code, words):
    result = run(*line.split())
    assert result.exit_code == code, result.output
    assert words in result.output


@pytest.mark.parametrize("command", ["publish", "signal", "start"])
def test_an_empty_name_is_refused_before_anything_is_sent(command):
    result = run(command, "")
    assert result.exit_code == 2
    assert "it is empty" in result.output


def test_a_port_that_is_taken_is_told_without_lines_of_the_transport(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("dev", "--port", str(port))
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.output
    assert "--port 0" in result.output


def test_a_setting_that_cannot_be_read_is_named_without_its_value(folder, monkeypatch):
    monkeypatch.setenv("WORKFLOW_MAX_RUNNING", "a-secret")
    result = run("run", "mistaken:fine")
    assert result.exit_code == 1
    assert "WORKFLOW_MAX_RUNNING" in result.output
    assert "a-secret" not in result.output


@pytest.mark.parametrize(
    ("package", "line", "extra"),
    [
        ("sqlalchemy", "outbox list --url sqlite+aiosqlite:///x.db", "outbox"),
        ("asyncpg", "outbox list --url postgresql+asyncpg://host/name", "outbox-postgres"),
        ("watchfiles", "run mistaken:fine --reload", "reload"),
    ],
)
@pytest.mark.slow
def test_a_part_that_is_not_installed_says_how_to_get_it(folder, package, line, extra):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from workflow_runtime.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *line.split()],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f'workflow: this needs {package}: pip install "zeebe-workflow-runtime[{extra}]"\n'
    )


def test_the_command_without_its_libraries_says_what_to_install():
    code = "import sys; sys.modules['typer'] = None\nfrom workflow_runtime.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    needed = 'the command needs typer: pip install "zeebe-workflow-runtime[cli]"'
    assert (done.returncode, done.stderr) == (2, f"workflow: {needed}\n")


def test_only_the_command_imports_its_libraries():
    importers = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if LIBRARIES.search(path.read_text(encoding="utf-8"))
    }
    assert importers == {"cli"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell):
    done = subprocess.run(
        [sys.executable, "-m", "workflow_runtime.cli", "--show-completion", shell],
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "_WORKFLOW_COMPLETE" in done.stdout
