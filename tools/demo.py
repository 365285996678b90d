"""``make demo``: a service from the template runs its sample process, end to end.

Bakes the template with its defaults into a temporary folder, installs the service with the
runtime that came along, starts an engine and the service as processes of their own and takes
three registrations through: one gets its event, one its timer, one hits an incident that is
resolved. Everything is driven by the ``workflow`` command, as a person would.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cookiecutter.main import cookiecutter
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parent.parent
PROCESS = "registrationServiceProcess"
PACKAGE = "registration_service"
PATIENCE = 60.0  # seconds for any one step; a loaded machine needs a few
LOG_TAIL = 2000  # characters of a process's output that explain a failure

Record = dict[str, Any]


class DemoFailed(Exception):
    """The demo did not come to its end; the message says why."""


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Runs a command to its end and gives back its output."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = (done.stdout + done.stderr)[-LOG_TAIL:]
        raise DemoFailed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{output}")
    return done.stdout


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def bake(folder: Path) -> Path:
    """The service, as the template's defaults make it."""
    return Path(cookiecutter(str(ROOT), no_input=True, default_config=True, output_dir=str(folder)))


def install(service: Path) -> Path:
    """Installs the service with its vendored runtime and devkit; the folder of its commands."""
    env = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    env["UV_PYTHON_DOWNLOADS"] = "never"
    uv = find_uv_bin()
    groups = ("--no-dev", "--group", "devkit")
    run(uv, "sync", *groups, "--quiet", "--python", sys.executable, cwd=service, env=env)
    return service / ".venv" / "bin"


@dataclass(slots=True)
class Background:
    """A process that runs beside the demo."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raises when it has ended, with its last words."""
        if (code := self.process.poll()) is not None:
            words = self.log.read_text(errors="replace")[-LOG_TAIL:]
            raise DemoFailed(f"the {self.name} ended with {code}:\n{words}")


@contextlib.contextmanager
def background(
    name: str, *command: str | Path, cwd: Path, env: dict[str, str]
) -> Iterator[Background]:
    """Starts a process and ends it, as an operator would: SIGTERM, then patience."""
    log = cwd.parent / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield Background(name, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE / 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(slots=True)
class Stand:
    """The engine with its records, and the command line that talks to it."""

    workflow: Path
    address: str
    records_file: Path
    processes: list[Background] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    _read: int = 0

    def command(self, *arguments: str) -> Any:
        """Runs a ``workflow`` command; what it answers as JSON."""
        output = run(self.workflow, *arguments, "--address", self.address, "--json")
        return json.loads(output)

    def start(self, name: str, scope: dict[str, Any]) -> int:
        """Starts a registration that the output calls by this name."""
        key = int(self.command("start", PROCESS, "--scope", json.dumps(scope))["key"])
        self.names[key] = name
        print(f"{name}: started, process instance {key}")
        return key

    def wait_for(self, what: str, matches: Callable[[Record], bool]) -> Record:
        """The first record that matches, old or new."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._take_new_records()
            for record in self.records:
                if matches(record):
                    return record
            for process in self.processes:
                process.check()
            time.sleep(0.05)
        raise DemoFailed(f"waited {PATIENCE:.0f} s for {what}{self._words()}")

    def _words(self) -> str:
        logs = (f"\n{p.name}: {p.log.read_text(errors='replace')[-500:]}" for p in self.processes)
        return "".join(logs)

    def _take_new_records(self) -> None:
        if not self.records_file.exists():
            return
        with self.records_file.open("rb") as stream:
            stream.seek(self._read)
            for line in stream:
                if not line.endswith(b"\n"):
                    break  # still being written
                self._read += len(line)
                self.records.append(json.loads(line))
                self._show(self.records[-1])

    def _show(self, record: Record) -> None:
        value = record["value"]
        name = self.names.get(value.get("processInstanceKey", 0))
        if name and is_element(record, "ELEMENT_COMPLETED"):
            kind = value["bpmnElementType"].replace("_", " ").lower()
            print(f"{name}:   {value['elementId']} ({kind})")
        elif name and record["valueType"] == "INCIDENT":
            print(f"{name}:   incident {record['intent'].lower()} at {value['elementId']}")


def is_element(record: Record, intent: str) -> bool:
    """Whether a record tells of an element's life."""
    return record["valueType"] == "PROCESS_INSTANCE" and record["intent"] == intent


def at(instance: int, element: str, intent: str) -> Callable[[Record], bool]:
    """Matches an element of an instance in this state."""
    return lambda record: (
        is_element(record, intent)
        and record["value"]["elementId"] == element
        and record["value"]["processInstanceKey"] == instance
    )


def confirm(stand: Stand, instance: int, user: str) -> None:
    """Waits until the process listens, then publishes the user's confirmation."""
    listening = at(instance, "awaitConfirmation", "ELEMENT_ACTIVATED")
    stand.wait_for(f"{user} to await the confirmation", listening)
    event = ("publish", f"{PROCESS}_emailConfirmed", "--key", user, "--var", "channel=link")
    # One event for each registration, also of the same user within the hour.
    stand.command(*event, "--id", f"{PROCESS}-{instance}")


def repair(stand: Stand, instance: int, user: str) -> None:
    """Shows the incident of a registration without user, removes the cause and resolves it."""
    incident = stand.wait_for(
        "the incident",
        lambda record: (
            record["valueType"] == "INCIDENT"
            and record["intent"] == "CREATED"
            and record["value"]["processInstanceKey"] == instance
        ),
    )
    value = incident["value"]
    reason = "; ".join(value["errorMessage"].splitlines())
    print(f"{stand.names[instance]}:   its reason: {reason}")
    stand.command("set-scope", str(instance), "--scope", json.dumps({"userId": user}))
    stand.command("resolve", str(incident["key"]), "--job", str(value["jobKey"]))


def play(stand: Stand) -> int:
    """Takes the registrations through; how many process instances completed."""
    hour = {"confirmationTimeout": "PT1H"}
    ann = stand.start("ann (event)", {"userId": "ann", "plan": "premium", **hour})
    bob = stand.start("bob (timer)", {"userId": "bob", "confirmationTimeout": "PT2S"})
    eve = stand.start("eve (incident)", {"plan": "standard", **hour})
    repair(stand, eve, "eve")
    confirm(stand, ann, "ann")
    confirm(stand, eve, "eve")
    ways = {ann: "grantBonus", bob: "removeAccount", eve: "sendWelcome"}
    for instance, way in ways.items():
        name = stand.names[instance]
        stand.wait_for(f"{name} to end", at(instance, PROCESS, "ELEMENT_COMPLETED"))
        stand.wait_for(f"{name} to pass {way}", at(instance, way, "ELEMENT_COMPLETED"))
    return len(ways)


def demo(folder: Path) -> int:
    """Bakes, installs, starts and plays."""
    print("bake: the template with its defaults")
    service = bake(folder)
    print("install: the service, runtime and devkit in its vendor/ folder")
    bin_folder = install(service)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    records = folder / "records.jsonl"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ZEEBE_", "CAMUNDA_"))}
    env |= {"WORKFLOW_ADDRESS": address, "WORKFLOW_HEALTH_PORT": str(free_port())}
    stand = Stand(bin_folder / "workflow", address, records)
    engine = (stand.workflow, "dev", "--port", str(port), "--records", records)
    worker = (bin_folder / "python", "-m", PACKAGE)
    with (
        background("engine", *engine, cwd=service, env=env) as first,
        background("service", *worker, cwd=service, env=env) as second,
    ):
        stand.processes += [first, second]
        stand.wait_for("the service to deploy its process", lambda r: r["valueType"] == "PROCESS")
        return play(stand)


def main() -> None:
    """Ends with one line for people and programs, or with the reason and a code."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        with tempfile.TemporaryDirectory(prefix="workflow-demo-") as folder:
            completed = demo(Path(folder))
    except DemoFailed as error:
        sys.exit(f"demo: failed: {error}")
    print(f"demo: {completed} process instances completed")


if __name__ == "__main__":
    main()
