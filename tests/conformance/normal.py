"""Records without what cannot be equal: keys, times and the order of unordered things.

What remains is one list of lines for each process instance, in the order of the log, and one for
what belongs to no instance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_CONTEXT = re.compile(r"'\{[^\n]*?\}'(?= with )")
"""In warnings a broker shows contexts as the buffers in which it keeps them."""
Record = Mapping[str, Any]
Lines = dict[str, list[str]]

_INSTANCE = {
    "PROCESS_INSTANCE": ("elementId", "bpmnElementType", "bpmnEventType"),
    "JOB": ("elementId", "type", "retries", "errorCode", "errorMessage", "customHeaders"),
    "INCIDENT": ("elementId", "errorType", "errorMessage"),
    "VARIABLE": ("name", "value"),
    "TIMER": ("targetElementId", "repetitions"),
    "PROCESS_MESSAGE_SUBSCRIPTION": ("elementId", "messageName", "correlationKey", "interrupting"),
    "ESCALATION": ("escalationCode", "throwElementId", "catchElementId"),
}
_GLOBAL = {
    "MESSAGE": ("name", "correlationKey", "messageId"),
    "SIGNAL": ("signalName",),
}
_OWN_GROUP = frozenset({"PROCESS_MESSAGE_SUBSCRIPTION"})
"""Written in answer to another partition's records: their order among the others means nothing."""
_SKIPPED = frozenset(
    {
        ("PROCESS_MESSAGE_SUBSCRIPTION", "CREATED"),
        ("PROCESS_MESSAGE_SUBSCRIPTION", "DELETED"),
        ("MESSAGE", "EXPIRED"),  # a broker looks every 60 s of real time
    }
)


def compared(record: Record) -> bool:
    """Whether a record is an event that both engines have to write."""
    kind = (record["valueType"], record["intent"])
    known = kind[0] in _INSTANCE or kind[0] in _GLOBAL
    return record["recordType"] == "EVENT" and known and kind not in _SKIPPED


def normalise(records: Iterable[Record], prefix: str) -> Lines:
    """The lines to compare; ``prefix`` is taken out of all names."""
    names: dict[int, str] = {}
    elements: dict[int, str] = {}
    lines: Lines = {}
    for record in records:
        if not compared(record):
            continue
        value, kind = record["value"], record["valueType"]
        if kind == "PROCESS_INSTANCE":
            elements[record["key"]] = value["elementId"]
        if kind in _GLOBAL:
            group = "global"
        else:
            key = value["processInstanceKey"]
            group = names.setdefault(key, f"instance {len(names) + 1}") if key > 0 else "global"
        if kind in _OWN_GROUP:
            group += " messages"
        lines.setdefault(group, []).append(_line(record, elements).replace(prefix, ""))
    return {group: _sorted_runs(found) for group, found in lines.items()}


def _line(record: Record, elements: Mapping[int, str]) -> str:
    value, kind = record["value"], record["valueType"]
    fields = [_field(value, name) for name in (_INSTANCE.get(kind) or _GLOBAL[kind])]
    line = f"{kind} {record['intent']} " + " ".join(field for field in fields if field)
    if kind == "INCIDENT":
        line = _CONTEXT.sub("'{…}'", line)
    if kind == "VARIABLE":
        line += f" in {elements.get(value['scopeKey'], 'root')}"
    return line


def _field(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if name == "value":
        return json.dumps(json.loads(found or "null"), sort_keys=True)
    if name in {"elementId", "type", "name", "messageName"}:
        return str(found)
    return "" if found in (None, "", {}, "UNSPECIFIED") else f"{name}={found}"


def _sorted_runs(lines: list[str]) -> list[str]:
    """Variables of one document come in the order of a hash table: sort what lies side by side."""
    result: list[str] = []
    run: list[str] = []
    for line in lines:
        if line.startswith("VARIABLE "):
            run.append(line)
            continue
        result += [*sorted(run), line]
        run = []
    return result + sorted(run)


def differences(ours: Lines, theirs: Lines) -> list[str]:
    """Where two normal forms part, with a little of what is around; empty when they are equal."""
    found: list[str] = []
    for group in sorted({*ours, *theirs}):
        left, right = ours.get(group, []), theirs.get(group, [])
        if left == right:
            continue
        both = zip(left, right, strict=False)
        at = next((i for i, (a, b) in enumerate(both) if a != b), min(len(left), len(right)))
        found.append(f"{group}, line {at}:")
        found += [f"    {line}" for line in left[max(0, at - 2) : at]]
        found += [f"  - {line}" for line in left[at : at + 5]]
        found += [f"  + {line}" for line in right[at : at + 5]]
    return found
