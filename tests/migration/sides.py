"""A service as a process, as it was and as it is now, and what happens in a run of it."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from tests.migration.facts import facts, family, rest, roots
from tests.migration.story import Event, Post, Run, Script, Start, Story
from tests.support.commands import environment
from tests.support.dev import Dev
from tests.support.waiting import PATIENCE
from tests.support.zeebe_stubs import GatewayStub, pb

SERVICES = Path(__file__).parent / "services"
TTL = 60_000
"""Milliseconds that a message waits for its instance."""


class Side:
    """One side of a service, running.

    Args:
        dev: its engine.
        story: which service, and how its runs are known.
        name: ``before`` or ``after``.
        log: the file for what it says.
        variables: of its environment, besides ``ZEEBE_ADDRESS`` or instead of it.
    """

    def __init__(self, dev: Dev, story: Story, name: str, log: Path, **variables: object) -> None:
        self._dev, self._story, self._name, self._log = dev, story, name, log
        self._folder = SERVICES / story.service
        self._from = len(dev.records)
        self._channel = grpc.insecure_channel(dev.address)
        self._gateway = GatewayStub(self._channel)
        self._variables = {"ZEEBE_ADDRESS": dev.address, "PYTHONUNBUFFERED": "1"}
        self._variables |= {name: str(value) for name, value in variables.items()}
        if story.web:
            self._port = _free_port()
            self._variables["PORT"] = str(self._port)
        self._deploy()
        with log.open("w") as file:
            self._process = self._python("", stdout=file, stderr=subprocess.STDOUT)

    def _deploy(self) -> None:
        files = sorted(self._folder.glob("*.bpmn"))
        resources = [pb.Resource(name=file.name, content=file.read_bytes()) for file in files]
        self._gateway.DeployResource(pb.DeployResourceRequest(resources=resources))

    def _python(self, script: str, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        file = f"{self._name}_{script}.py" if script else f"{self._name}.py"
        return subprocess.Popen(
            [sys.executable, file, *arguments],
            cwd=self._folder,
            env=environment(**self._variables),
            text=True,
            **streams,
        )

    def play(self, run: Run) -> dict[str, Any]:
        """The facts of a run, its instances' one after another."""
        answers = {}
        for number, call in enumerate(run.calls, 1):
            answer = self._call(run, call)
            if answer is not None:
                answers[f"answer {number}"] = answer
        found: dict[str, Any] = {}
        for root in self._wait(lambda: self._at_rest(run), f"the end of {run.of}"):
            told = facts(family(self._records, root), root)
            clash = found.keys() & told.keys() - {"rest", f"${self._story.variable}"}
            assert not clash, f"two instances have the facts {clash}: give their elements other ids"
            found |= told
        return found | answers

    def _call(self, run: Run, call: Start | Event | Post | Script) -> Any:
        if element := getattr(call, "waits_at", ""):
            self._wait(lambda: self._waits(run, element), f"{run.of} at {element}")
        match call:
            case Start(process, scope):
                named = json.dumps({**scope, self._story.variable: run.of})
                self._gateway.CreateProcessInstance(
                    pb.CreateProcessInstanceRequest(
                        bpmnProcessId=process, version=-1, variables=named
                    )
                )
            case Event(name, key, scope):
                self._gateway.PublishMessage(
                    pb.PublishMessageRequest(
                        name=name, correlationKey=key, timeToLive=TTL, variables=json.dumps(scope)
                    )
                )
            case Post(path, body):
                return self._post(path, {**body, self._story.variable: run.of})
            case Script(name, arguments):
                return self._printed(name, run.of, *arguments)
        return None

    @property
    def _records(self) -> list[dict[str, Any]]:
        return self._dev.records[self._from :]

    def _at_rest(self, run: Run) -> list[int]:
        records = self._records
        keys = roots(records, self._story.variable, run.of)
        done = len(keys) == run.instances and all(rest(family(records, k), k) for k in keys)
        return keys if done else []

    def _waits(self, run: Run, element: str) -> bool:
        records = self._records
        for root in roots(records, self._story.variable, run.of):
            seen = [
                each["intent"]
                for each in family(records, root)
                if each["value"].get("elementId") == element
            ]
            if seen.count("ELEMENT_ACTIVATED") > seen.count("ELEMENT_COMPLETED"):
                return True
        return False

    def _wait(self, found: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = self._dev.until(found, 0.5)
            if answer:
                return answer
            assert self._process.poll() is None, f"{self._name} ended itself: {self.said}"
        raise AssertionError(f"{self._name}: not in {PATIENCE} s: {what}: {self.said}")

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        self._wait(lambda: _listens(self._port), "an open port")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def _printed(self, script: str, *arguments: str) -> Any:
        process = self._python(script, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        printed, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, f"{script} ended with {process.returncode}:\n{errors}"
        return json.loads(printed.splitlines()[-1])

    @property
    def said(self) -> str:
        """What the service wrote so far."""
        return self._log.read_text()

    def stop(self) -> int:
        """Ends the service as a container does; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE)
        self._channel.close()
        return code


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
