"""What became of a run, as facts that two sides can be compared by.

Taken from the engine's records: elements, incidents, error events, failed
attempts and the variables of the process scope. Keys, times and messages are no facts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]
AGAIN = 2
"""Time-outs of one job after which it counts as one that comes again for ever."""
_PASSED = {"ELEMENT_COMPLETED": "completed", "ELEMENT_TERMINATED": "terminated"}


def roots(records: Iterable[Record], name: str, value: object) -> list[int]:
    """The instances whose process scope has a variable of this value, children excepted."""
    text = json.dumps(value)
    children = {
        each["key"] for each in _of(records, "PROCESS_INSTANCE") if _parent(each["value"]) > 0
    }
    found = [
        each["value"]["scopeKey"]
        for each in _of(records, "VARIABLE")
        if each["value"]["name"] == name
        and each["value"]["value"] == text
        and each["value"]["scopeKey"] == each["value"]["processInstanceKey"]
    ]
    return [key for key in dict.fromkeys(found) if key not in children]


def _of(records: Iterable[Record], value_type: str) -> Iterable[Record]:
    return (each for each in records if each["valueType"] == value_type)


def _parent(value: Mapping[str, Any]) -> int:
    return value.get("parentProcessInstanceKey", -1)


def family(records: Iterable[Record], root: int) -> list[Record]:
    """The records of an instance and of those that it called."""
    keys, found = {root}, []
    for each in records:
        value = each["value"]
        if _parent(value) in keys:
            keys.add(value["processInstanceKey"])
        if value.get("processInstanceKey") in keys:
            found.append(each)
    return found


def rest(records: list[Record], root: int) -> str:
    """How an instance came to rest: empty while it has not.

    Args:
        records: those of its family.
        root: its key.
    """
    for each in reversed(records):
        if each["key"] == root and each["intent"] in _PASSED:
            return _PASSED[each["intent"]]
    lasting = {each["key"] for each in _of(records, "INCIDENT") if each["intent"] == "CREATED"}
    if lasting - {each["key"] for each in records if each["intent"] == "RESOLVED"}:
        return "incident"
    late = Counter(each["key"] for each in records if each["intent"] == "TIMED_OUT")
    return "no end" if any(count >= AGAIN for count in late.values()) else ""


def facts(records: list[Record], root: int) -> dict[str, Any]:
    """Everything that a run is compared by.

    Args:
        records: those of the instance's family.
        root: its key.
    """
    found: dict[str, Any] = {"rest": rest(records, root)}
    counts: Counter[str] = Counter()
    for each in records:
        value, intent = each["value"], each["intent"]
        element = value.get("elementId")
        match each["valueType"], intent:
            case "PROCESS_INSTANCE", "ELEMENT_COMPLETED" | "ELEMENT_TERMINATED" if (
                value["bpmnElementType"] != "PROCESS"
            ):
                counts[f"{element} {_PASSED[intent]}"] += 1
            case "JOB", "FAILED":
                counts[f"{element} failed"] += 1
            case "JOB", "ERROR_THROWN":
                found[f"{element} error"] = value["errorCode"]
            case "INCIDENT", "CREATED":
                found[f"{element} incident"] = value["errorType"]
            case "VARIABLE", "CREATED" | "UPDATED" if value["scopeKey"] == root:
                found[f"${value['name']}"] = json.loads(value["value"])
    return found | dict(counts)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What two sides do not have in common; None is for what one has not."""
    names = dict.fromkeys([*old, *new])
    return {n: (old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}
