"""Existing services that take the runtime in: what docs/how-to/existing-service.md says, done."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, blocks
from tests.support.commands import COMMAND, environment
from tests.support.diagrams import bpmn
from tests.support.waiting import PATIENCE

PAGE = ROOT / "docs" / "how-to" / "existing-service.md"
_FILE = re.compile(r"# (\S+\.py)(?: with (\w+))?\n")
_INSTALL = re.compile(r"`pip (install \./runtime \./devkit)`")
PACKAGES = {
    "FastAPI": ("fastapi", "uvicorn", "httpx", "pytest"),
    "Flask": ("flask", "gunicorn", "pytest"),
    "Django": ("django", "gunicorn", "uvicorn"),
    "scripts": (),
}
ORDER = bpmn(
    """
    start begin
    service reserve job=order_reserve
    catch paid message=order_paid key==order_id
    end done
    begin -> reserve -> paid -> done
    """,
    "order",
)
SHOP = '''
"""What the service has had before: it notes what it does, and takes its time for slow orders."""

import os
import time
from pathlib import Path


def reserve(order_id):
    note(f"{os.getpid()} begins {order_id}")
    while order_id == "slow" and not Path("go-on").exists():
        time.sleep(0.01)
    if order_id == "slow":
        time.sleep(1)  # longer than a server needs for its own end
    note(f"{os.getpid()} has reserved {order_id}")
    return os.getpid()


def note(line):
    with open("notes", "a") as notes:
        notes.write(line + "\\n")
'''


def commands(framework: str) -> list[str]:
    """The lines of the page by which services of a framework are started."""
    head = f"# with {framework}\n"
    (block,) = [each for each in blocks(PAGE, "sh") if each.startswith(head)]
    return block.removeprefix(head).strip().split("\n")


def files(framework: str) -> dict[str, str]:
    """The files of the page: those of a framework, and those that all have."""
    found = {}
    for block in blocks(PAGE, "python"):
        head = _FILE.match(block)
        if head and head[2] in {None, framework}:
            found[head[1]] = block
    return found


def install(folder: Path, framework: str) -> Path:
    """An empty environment with what the service had, and what the page installs; its ``bin``."""
    _run(folder, "uv", "venv", "--quiet", "env")
    python = folder / "env" / "bin" / "python"
    line = _INSTALL.search(PAGE.read_text(encoding="utf-8"))
    assert line, "the page says how to install a checkout"
    uv = ("uv", "pip", "install", "--quiet", "--python", str(python))
    if PACKAGES[framework]:
        _run(folder, *uv, *PACKAGES[framework])
    _run(ROOT, *uv, *line[1].split()[1:])
    return python.parent


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def write(folder: Path, framework: str, binaries: Path, port: int) -> None:
    """The service as it was, and the page's files in it."""
    if framework == "Django":
        _run(folder, str(binaries / "django-admin"), "startproject", "mysite", ".")
    (folder / "bpmn").mkdir()
    (folder / "bpmn" / "order.bpmn").write_bytes(ORDER)
    (folder / "shop.py").write_text(SHOP)
    for name, code in files(framework).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(code.replace("debug=True", f"debug=True, port={port}"))


class Service:
    """A service that serves: its process, its address, what it has noted."""

    def __init__(self, folder: Path, process: subprocess.Popen[str], port: int) -> None:
        self.folder, self.process, self.port = folder, process, port

    def ask(self, path: str, method: str = "POST") -> Any:
        """Sends a request; gives the JSON of the answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def ready(self) -> None:
        """Waits until it serves, and its runtime is ready."""
        for _ in self._tries():
            try:
                if self.ask("/ready", "GET")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.output()

    def listens(self) -> None:
        """Waits until it answers requests, in whatever way."""
        for _ in self._tries():
            try:
                self.ask("/", "GET")
            except urllib.error.HTTPError:
                return
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.output()

    def notes(self, word: str, order: str = "") -> list[int]:
        """Which processes have noted this word, of this order or of any."""
        file = self.folder / "notes"
        lines = file.read_text().splitlines() if file.exists() else []
        return [int(line.split()[0]) for line in lines if f" {word} {order}" in line]

    def noted(self, word: str, order: str) -> int:
        """Waits until a process has noted this word of an order; gives its number."""
        for _ in self._tries():
            if found := self.notes(word, order):
                return found[0]
        raise AssertionError("never")

    def tell(self, number: int) -> None:
        """Sends a signal as a process manager does, or a terminal, which tells the whole group."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def output(self) -> str:
        """What it has said."""
        return (self.folder / "output").read_text()

    def _tries(self) -> Iterator[None]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            yield
            time.sleep(0.02)
        raise AssertionError(f"not in time:\n{self.output()}")


@contextmanager
def serving(
    folder: Path, binaries: Path, command: str, port: int, gateway: str
) -> Iterator[Service]:
    """Runs one of the page's lines, with the port that it gets besides."""
    given = command.split()
    if "runserver" in given:
        given.append(str(port))
    ports = {"GUNICORN_CMD_ARGS": f"--bind=127.0.0.1:{port}", "UVICORN_PORT": port}
    variables = environment(ZEEBE_ADDRESS=gateway, FLASK_RUN_PORT=port, **ports)
    variables.pop("PYTHONPATH", None)
    variables["PATH"] = f"{binaries}{os.pathsep}{variables['PATH']}"
    with (
        (folder / "output").open("w") as output,
        subprocess.Popen(
            [str(binaries / given[0]), *given[1:]],
            cwd=folder,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Service(folder, process, port)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def engine() -> Iterator[str]:
    """The address of ``workflow dev``."""
    line = [*COMMAND, "dev", "--port", "0"]
    with subprocess.Popen(line, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            found = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
            assert found
            yield found[0]
        finally:
            process.terminate()
