"""Test scripts of others (zeebe-spec, bpmn-tck), run on the embedded engine with their models."""

import json
from datetime import timedelta

import pytest
import yaml
from tests.conformance.cases import BPMN, files

from workflow_runtime.bpmn.parser import parse
from workflow_runtime.engine import ControlledClock, Engine
from workflow_runtime.gateway.port import Resource

SPECS = BPMN / "spec-cases"
MODELS = BPMN / "zeebe-executable"
NOT_RUN = {
    "demo-fail-verification": "shows a verification that does not hold",
    "spec-with-external-worker": "its worker is a program of its own",
    "demo2": "counts on its runner to end what is left",
}
STATES = {
    "activated": "ELEMENT_ACTIVATED",
    "completed": "ELEMENT_COMPLETED",
    "terminated": "ELEMENT_TERMINATED",
    "taken": "SEQUENCE_FLOW_TAKEN",
}
A_LITTLE = timedelta(seconds=1)


def cases():
    for path in files(SPECS, "**/*.yaml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["testCases"]:
            name = f"{path.parent.name}/{path.stem}: {case['name']}"
            reason = NOT_RUN.get(path.stem)
            if case.get("description") == "should fail":
                reason = "shows a verification that does not hold"
            marks = [pytest.mark.skip(reason=reason)] if reason else []
            suite = "bpmn-tck" if "bpmn-tck" in path.parts else "zeebe-spec"
            yield pytest.param(suite, case, id=name, marks=marks)


class World:
    """An engine with a suite's models, and what a script does and asks."""

    def __init__(self, suite):
        self.engine = Engine(ControlledClock(), keep_records=None)
        self.instances = {}
        self.names = {}
        self.workers = []
        suites = sorted(("bpmn-tck", "zeebe-spec"), key=suite.__eq__)
        for path in (path for name in suites for path in files(MODELS, f"{name}__*.bpmn")):
            self.engine.deploy([Resource(path.name, path.read_bytes())])
            for process in parse(path.read_bytes(), path.name).processes:
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


@pytest.mark.skipif(not SPECS.is_dir(), reason=f"no cases in {SPECS}")
@pytest.mark.parametrize(("suite", "case"), cases())
def test_a_script_of_another_runs(suite, case):
    world = World(suite)
    steps = case.get("instructions") or [*case["actions"], *case["verifications"]]
    for step in steps:
        if "action" in step:
            world.do(step["action"], step.get("args") or {})
            world.work()
        else:
            world.verify(step["verification"], step.get("args") or {})


@pytest.mark.skipif(not MODELS.is_dir(), reason=f"no cases in {MODELS}")
def test_a_verification_can_fail():
    world = World("bpmn-tck")
    world.do("create-instance", {"bpmn_process_id": "exclusive-gateway"})
    with pytest.raises(AssertionError):
        world.verify("process-instance-state", {"state": "completed"})
