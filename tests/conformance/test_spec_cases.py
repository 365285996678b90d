"""Test scripts of others (zeebe-spec, bpmn-tck), run on the embedded engine with their models."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from tests.support import cases
from tests.support import foreign as others

from workflow_devkit.engine import ControlledClock, Engine
from workflow_runtime.bpmn.parser import parse
from workflow_runtime.gateway.values import Resource

SUITES = ("bpmn-tck", "zeebe-spec")
FAIL = {
    "core/demo-fail-verification: fail-verification": "shows a verification that does not hold",
    "junit-extension/demo: has variable from task": "shows a verification that does not hold",
    "junit-extension/demo2: complete process": "counts on its runner to end what is left",
    "junit-extension/spec-with-external-worker: complete task": "its worker is another program",
}
"""Scripts whose verifications do not hold here, and why."""
STATES = {
    "activated": "ELEMENT_ACTIVATED",
    "completed": "ELEMENT_COMPLETED",
    "terminated": "ELEMENT_TERMINATED",
    "taken": "SEQUENCE_FLOW_TAKEN",
}
A_LITTLE = timedelta(seconds=1)


def scripts():
    for name in others.names("bpmn/spec-cases/*"):
        for place, case in enumerate(others.LISTED[name]["cases"]):
            path = Path(name)
            yield pytest.param(name, place, id=f"{path.parent.name}/{path.stem}: {case}")


class World:
    """An engine with models, and what a script does and asks."""

    def __init__(self, models):
        self.engine = Engine(ControlledClock(), keep_records=None)
        self.instances = {}
        self.names = {}
        self.workers = []
        for model in models:
            self.engine.deploy([Resource("model.bpmn", model)])
            for process in parse(model, "model.bpmn").processes:
                self.names |= {(process.id, e.name): e.id for e in process.walk()}

    def do(self, action, args):
        variables = json.loads(args.get("variables") or "{}")
        match action:
            case "create-instance":
                process = args["bpmn_process_id"]
                instance = self.engine.create_instance(process, variables)
                self.instances[args.get("process_instance_alias", "last")] = instance
                self.instances["last"] = instance
            case "complete-task":
                self.workers.append((args["job_type"], self.engine.complete_job, (variables,)))
            case "throw-error":
                error = (args["error_code"], "")
                self.workers.append((args["job_type"], self.engine.throw_error, error))
            case "publish-message":
                name, key = args["message_name"], args["correlation_key"]
                self.engine.publish_message(name, key, variables, time_to_live=0)
            case "cancel-instance":
                self.engine.cancel_instance(self.instances["last"].key)
            case "await-element-instance-state":
                self.verify("element-instance-state", args)
            case _:
                raise ValueError(action)

    def work(self):
        """Each worker takes one job, whenever it comes."""
        for worker in list(self.workers):
            job_type, finish, how = worker
            for job in self.engine.activate_jobs(job_type, "spec", 60_000, 1):
                finish(job.key, *how)
                self.workers.remove(worker)

    def verify(self, verification, args):
        """A script's verifications wait a while: timers are a matter of fractions of a second."""
        if not self.holds(verification, args):
            self.engine.advance(A_LITTLE)
        assert self.holds(verification, args), f"{verification}: {args}"

    def holds(self, verification, args):
        kind = verification.removeprefix("no-").replace("workflow-", "process-")
        found = any(self.ask(kind, args, record) for record in self.engine.records)
        return found is not verification.startswith("no-")

    def ask(self, kind, args, record):
        instance = self.instances[args.get("process-instance", "last")]
        value = record.value
        if value.get("processInstanceKey") != instance.key:
            return False
        match kind:
            case "element-instance-state":
                state = record.intent == STATES[args["state"]]
                return state and value["elementId"] == self.element(instance, args)
            case "process-instance-state":
                kind = value.get("bpmnElementType")
                return kind == "PROCESS" and record.intent == STATES[args["state"]]
            case "process-instance-variable":
                same = (value.get("name"), value.get("value")) == (args["name"], args.get("value"))
                where = args.get("element_name")
                return same and (where is None or value["scopeKey"] != instance.key)
            case "incident-state":
                state = (record.value_type, record.intent) == ("INCIDENT", args["state"].upper())
                element = self.element(instance, args)
                return state and (value["errorType"], value["elementId"]) == (
                    args["error_type"],
                    element,
                )
        raise ValueError(kind)

    def element(self, instance, args):
        named = self.names.get((instance.process_id, args.get("element_name")))
        return args.get("element_id") or named


@pytest.mark.parametrize(("name", "place"), scripts())
def test_a_script_of_another_runs(foreign, request, name, place):
    case = yaml.safe_load(foreign(name).read_text(encoding="utf-8"))["testCases"][place]
    own = next(suite for suite in SUITES if suite in name)
    models = [
        foreign(model).read_bytes()
        for suite in sorted(SUITES, key=own.__eq__)
        for model in others.names(f"bpmn/zeebe-executable/{suite}__*")
    ]
    if request.node.callspec.id in FAIL:
        with pytest.raises(AssertionError, match=r"element-instance-state|process-instance"):
            play(World(models), case)
    else:
        play(World(models), case)


def play(world, case):
    for step in case.get("instructions") or [*case["actions"], *case["verifications"]]:
        if "action" in step:
            world.do(step["action"], step.get("args") or {})
            world.work()
        else:
            world.verify(step["verification"], step.get("args") or {})


def test_each_script_that_must_fail_is_there():
    assert FAIL.keys() <= {param.id for param in scripts()}


def test_a_verification_can_fail():
    world = World([cases.read("broker/bpmn/s01.bpmn")])
    world.do("create-instance", {"bpmn_process_id": "s01"})
    world.verify("process-instance-state", {"state": "activated"})
    with pytest.raises(AssertionError):
        world.verify("process-instance-state", {"state": "completed"})
