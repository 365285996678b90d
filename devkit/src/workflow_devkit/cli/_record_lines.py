"""Puts the engine's records into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_devkit.engine.records import Record

_NO_JOB = -1
"""The job key of an incident that no job has, as Zeebe writes it."""

# Zeebe's names of the elements without a job where an instance is said to wait. A job says so
# itself: whether an element has one is not in the element's record (a script task may, or not).
_WAITING = frozenset(
    {
        "RECEIVE_TASK",
        "INTERMEDIATE_CATCH_EVENT",
        "EVENT_BASED_GATEWAY",
        "CALL_ACTIVITY",
    }
)


def as_text(record: Record) -> str | None:
    """A record as a line of text; None for one that says nothing to people."""
    describe = _TEXTS.get((record.value_type, record.intent))
    text = describe(record.value) if describe else None
    if text and (record.value_type, record.intent) == ("INCIDENT", "CREATED"):
        text += f"; when its cause is gone: {_remedy(record)}"
    return f"{_time(record.timestamp)}  {text}" if text else None


def _time(timestamp: int) -> str:
    moment = datetime.fromtimestamp(timestamp / 1000).astimezone()
    return moment.strftime("%H:%M:%S.") + f"{timestamp % 1000:03}"


def _remedy(incident: Record) -> str:
    job = incident.value.get("jobKey", _NO_JOB)
    return f"workflow resolve {incident.key}" + (f" --job {job}" if job != _NO_JOB else "")


def _who(value: Mapping[str, Any]) -> str:
    return f"{value['bpmnProcessId']} {value['processInstanceKey']}"


def _activated(value: Mapping[str, Any]) -> str | None:
    if value["bpmnElementType"] == "PROCESS":
        return f"{_who(value)}  started"
    return _waits(value) if value["bpmnElementType"] in _WAITING else None


def _waits(value: Mapping[str, Any]) -> str:
    return f"{_who(value)}  waits at {value['elementId']}"


def _completed(value: Mapping[str, Any]) -> str:
    if value["bpmnElementType"] == "PROCESS":
        return f"{_who(value)}  completed"
    return f"{_who(value)}  passed {value['elementId']}"


def _terminated(value: Mapping[str, Any]) -> str:
    if value["bpmnElementType"] == "PROCESS":
        return f"{_who(value)}  cancelled"
    return f"{_who(value)}  left {value['elementId']}"


def _deployed(value: Mapping[str, Any]) -> str:
    return f"deployed {value['bpmnProcessId']} version {value['version']} ({value['resourceName']})"


def _failed(value: Mapping[str, Any]) -> str:
    # One record, one line: the rest of a long message is in the incident, or with --json.
    reason = (value.get("errorMessage") or "no reason given").splitlines()[0]
    return f"{_who(value)}  failed {value['elementId']}, retries {value['retries']}: {reason}"


def _incident(value: Mapping[str, Any]) -> str:
    reason = " ".join((value.get("errorMessage") or "").split())
    return f"{_who(value)}  INCIDENT at {value['elementId']}: {value['errorType']} {reason}"


def _resolved(value: Mapping[str, Any]) -> str:
    return f"{_who(value)}  incident resolved at {value['elementId']}"


def _published(value: Mapping[str, Any]) -> str | None:
    # What replicas tell one another (`workflow_runtime.alerts.claims`) is nobody's event.
    if value["name"].startswith("workflowRuntime"):
        return None
    return f"event {value['name']} published, key {value['correlationKey']!r}"


_TEXTS: dict[tuple[str, str], Callable[[Mapping[str, Any]], str | None]] = {
    ("PROCESS", "CREATED"): _deployed,
    ("PROCESS_INSTANCE", "ELEMENT_ACTIVATED"): _activated,
    ("PROCESS_INSTANCE", "ELEMENT_COMPLETED"): _completed,
    ("PROCESS_INSTANCE", "ELEMENT_TERMINATED"): _terminated,
    ("JOB", "CREATED"): _waits,
    ("JOB", "FAILED"): _failed,
    ("INCIDENT", "CREATED"): _incident,
    ("INCIDENT", "RESOLVED"): _resolved,
    ("MESSAGE", "PUBLISHED"): _published,
}
