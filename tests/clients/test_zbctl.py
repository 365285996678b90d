"""zbctl, Zeebe's own command line: every sub-command that it has."""

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from tests.clients import packages
from tests.clients.dev import MODELS
from tests.clients.script import NOBODY
from tests.support.commands import environment
from tests.support.dev import Dev
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("zbctl")

PLAYED = set()
"""The sub-commands that a test here calls: filled by `plays`."""
BEYOND = {
    "delete resource": "The embedded engine does not delete resources",
    "evaluate decision": "The embedded engine does not evaluate decisions (DMN)",
}
"""What the engine does not do today; it says so, with what does it instead."""
ROOF = '{"where": "roof", "extra": 1}'
NO_GATEWAY = {
    "completion bash": "prints a script of the shell; the framework's own",
    "completion fish": "the same",
    "completion powershell": "the same",
    "completion zsh": "the same",
    "help": "prints the help that the tree of commands is read from here",
}
"""Sub-commands that talk to no gateway and are not called."""


def plays(*commands):
    """Says which sub-commands a test calls; the fixture `zbctl` holds it to that."""

    def mark(test):
        PLAYED.update(commands)
        test.plays = set(commands)
        return test

    return mark


class Zbctl:
    """The command line, told where the engine is."""

    def __init__(self, path, port):
        self._start = (path, "--insecure", "--address", f"127.0.0.1:{port}")
        self.called = []

    def run(self, *arguments):
        self.called.append(" ".join(map(str, arguments)))
        return subprocess.run(
            [str(part) for part in (*self._start, *arguments)],
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=environment(),
        )

    def __call__(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def refused(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 1, done.stdout
        return done.stderr


@pytest.fixture(scope="module")
def dev():
    dev = Dev()
    yield dev
    dev.stop()


@pytest.fixture
def zbctl(dev, request):
    zbctl = Zbctl(packages.zbctl(), dev.port)
    yield zbctl
    for command in getattr(request.function, "plays", ()):
        assert any(call.startswith(command) for call in zbctl.called), f"not called: {command}"


class Greeting:
    """The process of greeting under names that no other test uses."""

    def __init__(self, folder, name):
        self.job_type = name
        self.process = f"{name}ing"
        self.message = f"{name}_answer"
        self.path = folder / f"{name}.bpmn"
        text = (MODELS / "greeting.bpmn").read_text(encoding="utf-8").replace("greet", name)
        self.path.write_text(text.replace('"answer"', f'"{self.message}"'), encoding="utf-8")


@pytest.fixture
def greeting(request, tmp_path, zbctl):
    """Deployed, in the name of the test."""
    greeting = Greeting(tmp_path, re.sub(r"\W", "_", request.node.name))
    zbctl("deploy", "resource", greeting.path)
    return greeting


@pytest.fixture
def start(zbctl, greeting):
    """Starts an instance and gives its key."""

    def start(**variables):
        text = json.dumps({"name": "ann"} | variables)
        return zbctl("create", "instance", greeting.process, "--variables", text)[
            "processInstanceKey"
        ]

    return start


@pytest.fixture
def job(zbctl, greeting, start):
    """The activated job of a new instance."""
    start()
    (job,) = zbctl("activate", "jobs", greeting.job_type)["jobs"]
    return job


def _commands(zbctl, *path):
    """The leaves of zbctl's tree of commands, read from its help."""
    text = zbctl(*path, "--help")
    listed = re.search(r"Available Commands:\n((?:  .+\n)+)", text)
    names = [line.split()[0] for line in listed[1].splitlines()] if listed else []
    if not names:
        return {" ".join(path)}
    return set().union(*(_commands(zbctl, *path, name) for name in names))


def test_no_sub_command_is_forgotten(zbctl):
    assert _commands(zbctl) == PLAYED | NO_GATEWAY.keys()


@plays("status", "version")
def test_status_names_the_gateway_and_its_partition(zbctl):
    assert "Partition 1 : Leader, Healthy" in zbctl("status")
    topology = zbctl("status", "--output", "json")
    assert (topology["clusterSize"], topology["gatewayVersion"]) == (1, "8.4.1")
    assert "release-test" in zbctl("version")


@plays("generate completion")
def test_it_generates_a_completion(zbctl):
    assert "zbctl" in zbctl("generate", "completion")


@plays("deploy resource")
def test_deploys_by_the_new_and_by_the_old_command(zbctl, tmp_path):
    greeting = Greeting(tmp_path, "deployed")
    named = ("--resourceNames", "named.bpmn")
    new = zbctl("deploy", "resource", greeting.path, *named)["deployments"][0]["process"]
    old = zbctl("deploy", greeting.path, *named)["processes"][0]
    assert new == old
    assert (new["bpmnProcessId"], new["version"]) == (greeting.process, 1)
    assert new["resourceName"] == "named.bpmn"
    refused = zbctl.refused("deploy", "resource", MODELS / "refused.bpmn")
    assert "InvalidArgument" in refused
    assert "Element: work" in refused
    decision = zbctl("deploy", "resource", MODELS / "tariff.dmn")["deployments"][0]["decision"]
    assert (decision["dmnDecisionId"], decision["dmnDecisionName"]) == ("tariff", "Tariff")
    table = zbctl.refused("deploy", "resource", MODELS / "tariff.csv")
    assert "unknown resource type" in table


@plays("create instance")
def test_creates_by_id_by_version_by_key_and_with_a_result(zbctl, greeting):
    first = zbctl("create", "instance", greeting.process)
    by_version = zbctl("create", "instance", greeting.process, "--version", "1")
    by_key = zbctl("create", "instance", first["processDefinitionKey"])
    assert {i["bpmnProcessId"] for i in (first, by_version, by_key)} == {greeting.process}
    assert len({i["processInstanceKey"] for i in (first, by_version, by_key)}) == 3
    assert "NotFound" in zbctl.refused("create", "instance", "unknown")
    zbctl("deploy", "resource", MODELS / "at-once.bpmn")
    ended = zbctl("create", "instance", "at-once", "--withResult=where", "--variables", ROOF)
    assert json.loads(ended["variables"]) == {"where": "roof"}


@plays("activate jobs", "complete job", "publish message")
def test_a_job_is_activated_completed_and_the_message_correlated(zbctl, greeting, start, dev):
    instance = start(extra=1)
    asked = ("--variables", "name", "--worker", "clerk", "--timeout", "1m")
    (job,) = zbctl("activate", "jobs", greeting.job_type, *asked)["jobs"]
    assert job["processInstanceKey"] == instance
    assert (job["worker"], job["retries"], job["elementId"]) == ("clerk", 3, greeting.job_type)
    assert json.loads(job["variables"]) == {"name": "ann"}
    assert json.loads(job["customHeaders"]) == {"tone": "warm"}
    until = datetime.fromtimestamp(int(job["deadline"]) / 1000, UTC)
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(minutes=1)
    told = zbctl("complete", "job", job["key"], "--variables", '{"greeting": "hi"}')
    assert job["key"] in told
    zbctl("publish", "message", greeting.message, "--correlationKey", "ann", "--ttl", "1m")
    _ended(dev, instance)


@plays("publish message")
def test_a_message_with_a_known_id_is_refused(zbctl):
    once = ("publish", "message", "unheard", "--correlationKey", "k", "--messageId", "once")
    assert int(zbctl(*once)["key"])
    assert "AlreadyExists" in zbctl.refused(*once)


def _ended(dev, instance, intent="ELEMENT_COMPLETED"):
    value = {"bpmnElementType": "PROCESS", "processInstanceKey": int(instance)}
    dev.record("PROCESS_INSTANCE", intent, **value)


@plays("fail job", "update retries", "resolve incident")
def test_a_failed_job_becomes_an_incident_and_is_resolved(zbctl, greeting, job, dev):
    again = ("--retries", "2", "--retryBackoff", "200ms", "--errorMessage", "not yet")
    zbctl("fail", "job", job["key"], *again, "--variables", '{"seen": true}')
    (job,) = zbctl("activate", "jobs", greeting.job_type)["jobs"]
    assert job["retries"] == 2
    assert json.loads(job["variables"])["seen"] is True
    zbctl("fail", "job", job["key"], "--retries", "0", "--errorMessage", "broken")
    incident = dev.incident(job["processInstanceKey"])
    zbctl("update", "retries", job["key"], "--retries", "5")
    zbctl("resolve", "incident", incident)
    (job,) = zbctl("activate", "jobs", greeting.job_type)["jobs"]
    assert job["retries"] == 5


@plays("update timeout")
def test_a_shortened_job_goes_to_the_next_who_asks(zbctl, greeting, job):
    zbctl("update", "timeout", job["key"], "--timeout", "1")
    (again,) = zbctl("activate", "jobs", greeting.job_type)["jobs"]
    assert again["key"] == job["key"]


@plays("throwError job")
def test_a_thrown_error_ends_the_instance_where_it_is_caught(zbctl, job, dev):
    more = ("--errorMessage", "no", "--variables", '{"reason": "tired"}')
    zbctl("throwError", "job", job["key"], "--errorCode", "refused", *more)
    _ended(dev, job["processInstanceKey"])
    completed = {"bpmnElementType": "BOUNDARY_EVENT"}
    instance = int(job["processInstanceKey"])
    dev.record("PROCESS_INSTANCE", "ELEMENT_COMPLETED", **completed, processInstanceKey=instance)


@plays("set variables", "cancel instance")
def test_variables_are_set_and_the_instance_is_cancelled(zbctl, greeting, job, dev):
    instance = job["processInstanceKey"]
    zbctl("set", "variables", instance, "--variables", '{"mood": "good"}')
    key = job["elementInstanceKey"]
    zbctl("set", "variables", key, "--local", "--variables", '{"mood": "private"}')
    zbctl("fail", "job", job["key"], "--retries", "1")
    (job,) = zbctl("activate", "jobs", greeting.job_type)["jobs"]
    assert json.loads(job["variables"])["mood"] == "private"
    assert instance in zbctl("cancel", "instance", instance)
    _ended(dev, instance, "ELEMENT_TERMINATED")
    refused = zbctl.refused("cancel", "instance", NOBODY)
    assert f"Expected to cancel a process instance with key '{NOBODY}'" in refused


@plays("broadcast signal")
def test_a_signal_starts_an_instance(zbctl, tmp_path, dev):
    text = (MODELS / "alarm.bpmn").read_text(encoding="utf-8")
    path = tmp_path / "alarm.bpmn"
    path.write_text(text.replace('"alarm"', '"signalled"'), encoding="utf-8")
    zbctl("deploy", path)
    assert int(zbctl("broadcast", "signal", "signalled", "--variables", ROOF)["key"])
    value = {"bpmnProcessId": "signalled", "bpmnElementType": "SERVICE_TASK"}
    dev.record("PROCESS_INSTANCE", "ELEMENT_ACTIVATED", **value)


@pytest.mark.parametrize("how", [(), ("--streamEnabled",)], ids=["polling", "streaming"])
@plays("create worker")
def test_a_worker_completes_a_job_with_what_its_handler_prints(
    zbctl, greeting, start, dev, how, tmp_path
):
    instance = start()
    handler = tmp_path / "handler.sh"
    handler.write_text('#!/bin/sh\necho \'{"greeting": "hi"}\'\n')
    handler.chmod(0o755)
    # A flag that its help does not name: it ends after so many jobs, and after its last long poll.
    until = ("--maxJobsHandle", "1", "--requestTimeout", "1s", "--handler", handler)
    told = zbctl.run("create", "worker", greeting.job_type, *until, *how)
    assert told.returncode == 0
    assert "Handler completed job" in told.stdout + told.stderr
    dev.record("JOB", "COMPLETED", processInstanceKey=int(instance))


@plays(*BEYOND)
def test_what_the_engine_does_not_do_is_refused_with_a_sentence(zbctl):
    for command, sentence in BEYOND.items():
        text = zbctl.refused(*command.split(), "1")
        assert "Unimplemented" in text
        assert f"{sentence}; use a Zeebe broker for that" in text
