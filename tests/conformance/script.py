"""A scenario's script, run on a stand.

A step is one line of YAML, ``VERB NAME: details``. Keys never stand in a script: jobs are meant by
their type, incidents and instances by their order, element instances by their element.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.client import Answer
from tests.conformance.normal import Record, compared
from tests.support.diagrams import bpmn

_KEY = re.compile(r"\b\d{16,}\b")
_RECORD = re.compile(r"process record '.*' without", re.DOTALL)
_UNKNOWN = (1 << 51) + 987_654_321
_GONE = frozenset({"COMPLETED", "CANCELED"})


@dataclass
class Scenario:
    """Diagrams by process name, and what is done with them."""

    name: str
    diagrams: Mapping[str, str]
    steps: list[dict[str, Any]]
    later: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Run:
    """A scenario on one stand: its answers, and how many records each step had to make."""

    stand: Any
    prefix: str
    scenario: Scenario
    answers: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    async def play(self, expected: list[int] | None = None) -> None:
        """Deploys and does all the steps; ``expected`` are the other stand's counts."""
        steps = [{f"deploy {name}": None} for name in self.scenario.diagrams]
        for index, step in enumerate([*steps, *self.scenario.steps]):
            ((words, details),) = step.items()
            verb, _, name = words.partition(" ")
            await _VERBS[verb](self, name, details)
            await self.stand.settle(expected[index] if expected else 0)
            self.counts.append(sum(map(compared, self.stand.records())))

    async def call(self, rpc: str, request: dict[str, Any]) -> Answer:
        """Calls and notes the answer."""
        answer = await self.stand.call(rpc, request)
        text = _RECORD.sub("process record '…' without", answer.message)
        text = _KEY.sub("KEY", text).replace(self.prefix, "")
        self.answers.append(f"{rpc} {answer.code} {text}".strip())
        return answer

    def job(self, job_type: str) -> int:
        """The oldest open job of a type, or of "any"; where there is none, a key nobody has."""
        found: dict[int, Record] = {}
        for record in self.stand.records():
            if record["valueType"] != "JOB" or record["recordType"] != "EVENT":
                continue
            if job_type == "any" or record["value"]["type"] in {self.prefix + job_type, job_type}:
                found[record["key"]] = record
        open_jobs = [key for key, record in found.items() if record["intent"] not in _GONE]
        return next(iter(open_jobs), next(iter(found), _UNKNOWN))

    def keys(self, value_type: str, intent: str, **fields: str) -> list[int]:
        """Keys of records, oldest first."""
        return [
            record["key"]
            for record in self.stand.records()
            if record["valueType"] == value_type
            and record["intent"] == intent
            and all(record["value"].get(name) == value for name, value in fields.items())
        ]


Step = Callable[[Run, str, Any], Awaitable[None]]


def _pick(keys: list[int], index: int) -> int:
    return keys[index] if -len(keys) <= index < len(keys) else _UNKNOWN


async def _deploy(run: Run, name: str, _: Any) -> None:
    text = {**run.scenario.diagrams, **run.scenario.later}[name]
    content = base64.urlsafe_b64encode(bpmn(text, name.rstrip("23456789"), run.prefix)).decode()
    resource = {"name": f"{run.prefix}{name}.bpmn", "content": content}
    await run.call("DeployResource", {"resources": [resource]})


def _filled(run: Run, variables: Any) -> str:
    return json.dumps(variables or {}).replace("$", run.prefix)


async def _create(run: Run, name: str, variables: Any) -> None:
    process = run.prefix + (name or "main")
    request = {"bpmnProcessId": process, "version": -1, "variables": _filled(run, variables)}
    await run.call("CreateProcessInstance", request)


async def _complete(run: Run, name: str, variables: Any) -> None:
    request = {"jobKey": run.job(name), "variables": json.dumps(variables or {})}
    await run.call("CompleteJob", request)


async def _fail(run: Run, name: str, details: Any) -> None:
    details = details or {}
    request = {
        "jobKey": run.job(name),
        "retries": details.get("retries", 0),
        "errorMessage": details.get("message", "") * details.get("times", 1),
        "retryBackOff": details.get("backoff", 0),
        "variables": json.dumps(details.get("variables", {})),
    }
    await run.call("FailJob", request)


async def _throw(run: Run, name: str, details: Any) -> None:
    request = {
        "jobKey": run.job(name),
        "errorCode": details["code"],
        "errorMessage": details.get("message", ""),
        "variables": json.dumps(details.get("variables", {})),
    }
    await run.call("ThrowError", request)


async def _activate(run: Run, name: str, details: Any) -> None:
    details = details or {}
    request = {
        "type": name if ":" in name else run.prefix + name,
        "worker": "conformance",
        "timeout": details.get("timeout", 300_000),
        "maxJobsToActivate": details.get("limit", 10),
        "fetchVariable": details.get("fetch", []),
        "requestTimeout": -1,
    }
    answer = await run.call("ActivateJobs", request)
    shown = ("elementId", "retries", "customHeaders", "variables")
    for job in answer.fields or ():
        fields = {k: job[k] for k in shown}
        fields |= {k: json.loads(job[k]) for k in shown[2:]}
        run.answers.append("  " + json.dumps(fields, sort_keys=True).replace(run.prefix, ""))


async def _publish(run: Run, name: str, details: Any) -> None:
    details = details or {}
    request = {
        "name": run.prefix + name,
        "correlationKey": details.get("key", ""),
        "timeToLive": details.get("ttl", 0),
        "messageId": details.get("id", ""),
        "variables": json.dumps(details.get("variables", {})),
    }
    await run.call("PublishMessage", request)


async def _signal(run: Run, name: str, variables: Any) -> None:
    request = {"signalName": run.prefix + name, "variables": json.dumps(variables or {})}
    await run.call("BroadcastSignal", request)


async def _advance(run: Run, _: str, milliseconds: int) -> None:
    await run.stand.advance(milliseconds)


async def _resolve(run: Run, _: str, index: int | None) -> None:
    keys = run.keys("INCIDENT", "CREATED")
    await run.call("ResolveIncident", {"incidentKey": _pick(keys, index or 0)})


async def _retries(run: Run, name: str, count: int) -> None:
    await run.call("UpdateJobRetries", {"jobKey": run.job(name), "retries": count})


async def _timeout(run: Run, name: str, milliseconds: int) -> None:
    await run.call("UpdateJobTimeout", {"jobKey": run.job(name), "timeout": milliseconds})


async def _set(run: Run, name: str, variables: Any) -> None:
    local, _, element = name.rpartition("local ")
    known = run.keys("PROCESS_INSTANCE", "ELEMENT_ACTIVATING", elementId=element)
    keys = known or run.keys("PROCESS_INSTANCE", "ELEMENT_ACTIVATING")
    request = {
        "elementInstanceKey": _pick(keys, -1 if element else 0),
        "variables": json.dumps(variables),
        "local": "local" in name.split() or bool(local),
    }
    await run.call("SetVariables", request)


async def _cancel(run: Run, _: str, index: int | None) -> None:
    keys = run.keys("PROCESS_INSTANCE", "ELEMENT_ACTIVATING", bpmnElementType="PROCESS")
    await run.call("CancelProcessInstance", {"processInstanceKey": _pick(keys, index or 0)})


async def _call(run: Run, rpc: str, request: Any) -> None:
    await run.call(rpc, json.loads(_filled(run, request)))


_VERBS: Mapping[str, Step] = {
    "deploy": _deploy,
    "create": _create,
    "complete": _complete,
    "fail": _fail,
    "throw": _throw,
    "activate": _activate,
    "publish": _publish,
    "signal": _signal,
    "advance": _advance,
    "resolve": _resolve,
    "retries": _retries,
    "timeout": _timeout,
    "set": _set,
    "cancel": _cancel,
    "call": _call,
}
