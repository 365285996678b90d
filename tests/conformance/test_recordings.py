"""What was once recorded on a real broker, replayed on the embedded engine."""

import base64
import json
import re
from pathlib import Path

import pytest
from tests.conformance.normal import differences, normalise
from tests.conformance.stands import embedded
from tests.support import cases

ELSEWHERE = {
    "s16_invalid": "test_models.py: refused deployments",
}
UNTIL = {"s17_versions": "changed", "s19_bad_json": "1e400"}
"""From such a step on nothing is replayed: the changed files were not kept, and for numbers that
are too large see docs/reference/engine-differences.md."""
RECORDINGS = [name for name in cases.names("broker/s*.json") if Path(name).stem not in ELSEWHERE]
_NAME = re.compile(r"K(\d+)")
_UNKNOWN = re.compile(r"process ID '(.*?)'")
_KEY = re.compile(r"\b(K\d+|\d{16,})\b")


class Replay:
    """Sends the recorded requests, with the keys that this engine gives instead of those then."""

    def __init__(self, recording, stand):
        self.recording = recording
        self.stand = stand
        self.keys = {}
        self.first, self.ours = {}, {}
        self.processes = {
            record["value"]["processDefinitionKey"]: record["value"]["elementId"]
            for record in recording["records"]
            if record["value"].get("bpmnElementType") == "PROCESS"
        }

    async def step(self, step):
        """One request: its answer and what was answered then, without keys."""
        if "clock_add_ms" in step:
            await self.stand.advance(step["clock_add_ms"])
        if "rpc" not in step:
            return None
        answer = await self.stand.call(step["rpc"], self.request(step))
        self.learn()
        then = (step["code"], _KEY.sub("KEY", step["message"]), shown(step["response"], self.first))
        return (answer.code, _KEY.sub("KEY", answer.message), shown(answer.fields, self.ours)), then

    def request(self, step):
        request = json.loads(json.dumps(step["request"]))
        for resource in request.get("resources", ()):
            content = cases.read(f"broker/bpmn/{original(resource['name'])}")
            resource["content"] = base64.urlsafe_b64encode(content).decode()
        if step["rpc"] == "CreateProcessInstance":
            definition = (step["response"] or {}).get("processDefinitionKey")
            unknown = _UNKNOWN.search(step["message"])
            known = unknown[1] if unknown else self.processes.get(definition)
            if step["code"] == "INVALID_ARGUMENT":
                known = next(iter(self.processes.values()))
            request |= {"bpmnProcessId": known} if known else {}
        return {name: self.keys.get(value, value) if isinstance(value, str) else value
                for name, value in request.items()}  # fmt: skip

    def learn(self):
        """Pairs the keys of both logs: the n-th record of a kind is the n-th of that kind."""
        ours = order(r for r in self.stand.records() if r["recordType"] == "EVENT")
        theirs = order(r for r in self.recording["records"] if r["t"] == "E")
        for kind, keys in theirs.items():
            self.keys.update(zip(keys, map(str, ours.get(kind, ())), strict=False))


def order(records):
    found = {}
    for record in records:
        value = record["value"]
        kind = (record["valueType"], record["intent"], value.get("elementId", ""))
        found.setdefault(kind, []).append(record["key"])
    return found


def shown(response, first):
    """What of an answer can be equal: jobs as they were handed out, versions of definitions.

    Versions count from the first that the recording shows: older ones were there before.
    """
    if isinstance(response, list):
        shown_of = ("type", "elementId", "retries")
        return [(*map(job.get, shown_of), json.loads(job["variables"])) for job in response]
    deployed = [found["process"] for found in (response or {}).get("deployments", ())]
    files = [(process["resourceName"], process["version"]) for process in deployed]
    return [(name, version - first.setdefault(original(name), version)) for name, version in files]


def original(name):
    """The file that a recording has deployed under this name."""
    return name.replace("-renamed", "")


def as_recorded(recording):
    """The records then, in the shape of a live stream."""
    text = _NAME.sub(r"\1", re.sub(r'"K(\d+)"', r"\1", json.dumps(recording["records"])))
    kinds = {"E": "EVENT", "C": "COMMAND", "R": "COMMAND_REJECTION"}
    return [record | {"recordType": kinds[record["t"]]} for record in json.loads(text)]


def shortened(name):
    """A recording up to the first step that cannot be repeated."""
    recording = cases.read_data(name)
    for number, step in enumerate(recording["steps"]):
        if UNTIL.get(Path(name).stem, "?") in step.get("label", ""):
            recording["steps"] = recording["steps"][:number]
            recording["records"] = recording["records"][: step["records_before"]]
            break
    return recording


@pytest.mark.parametrize("name", RECORDINGS, ids=lambda name: Path(name).stem)
async def test_a_recording_of_a_broker_is_repeated(name):
    recording = shortened(name)
    async with embedded() as stand:
        replay = Replay(recording, stand)
        pairs = [pair for step in recording["steps"] if (pair := await replay.step(step))]
        for ours, theirs in pairs:
            assert ours == theirs
        then = normalise(as_recorded(recording), "")
        found = differences(normalise(stand.records(), ""), then)
    assert pairs
    assert not found, "\n".join(["- embedded, + broker", *found])
