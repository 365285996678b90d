"""What each file of test data has to look like, and what is wrong with one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

Path = tuple[str | int, ...]
"""The way from a document's root to one of its values: keys and places."""
Fault = tuple[Path, str]
_ANSWER = {"kind": ("value", "failure", "syntax")}
VERBS = (
    *("activate", "advance", "call", "cancel", "complete", "create", "deploy", "fail", "publish"),
    *("resolve", "retries", "set", "signal", "throw", "timeout"),
)
_STEP_OF_A_RECORDING = {
    "rpc": {"request": dict, "code": str, "message": str, "response": object},
    "clock_add_ms": {"records_before": int},
    "note": {},
}
_RECORD = {"t": ("E", "C", "R"), "valueType": str, "intent": str, "key": object, "value": dict}


def _step_of_a_recording(step: Any, path: Path) -> Iterator[Fault]:
    kind = next((kind for kind in _STEP_OF_A_RECORDING if kind in step), None)
    if kind is None:
        yield path, f"a step has one of {', '.join(_STEP_OF_A_RECORDING)}"
    else:
        yield from faults(step, _STEP_OF_A_RECORDING[kind], path)


def _step_of_a_scenario(step: Any, path: Path) -> Iterator[Fault]:
    words = list(step) if isinstance(step, dict) else []
    if len(words) != 1:
        yield path, "a step is one line, VERB NAME: details"
    elif words[0].partition(" ")[0] not in VERBS:
        yield (*path, words[0]), f"unknown verb {words[0]!r}; known are {', '.join(VERBS)}"


Shape = type | tuple[str, ...] | Mapping[Any, Any] | list[Any] | Callable[[Any, Path], Any]
"""A type; the values there are; keys that must be there (``...``: each other key) with the shapes
of their values; a list with the shape of its items; or a function that gives the faults."""
SHAPES: Mapping[str, Shape] = {
    "broker/*.json": {
        "name": str, "broker": str, "steps": [_step_of_a_recording], "records": [_RECORD],
    },
    "cron/*.jsonl": [{"cron": str, "next_after_2026-03-02T12:00:00Z": object, "answer": str}],
    "feel/*.jsonl": [{"key": str, **_ANSWER}],
    "feel-conditions/*.jsonl": [{"expression": str, "variables": dict, "real": _ANSWER}],
    "foreign.json": {...: {"sha256": str}},
    "manifest.json": {...: {"sha256": str}},
    "metrics/*.json": {"interval": str, "fault": int, "settled": object, "series": {...: str}},
    "models/deploy-results.json": {...: {"code": ("OK", "INVALID_ARGUMENT")}},
    "scenarios/*.jsonl": [{"name": str, "answers": list, "lines": dict}],
    "scenarios/*.yaml": {...: {"steps": [_step_of_a_scenario]}},
    "timers/*.jsonl": [{"kind": ("duration", "cycle", "date"), "text": str, "answer": str}],
    "versions.json": {...: str},
    "xml/expected.json": [{"file": str, "taken": bool, "reason": str}],
}  # fmt: skip
"""By the file's place in the folder."""


def shape_of(name: str) -> Shape:
    """The shape of a file.

    Raises:
        LookupError: nobody has said yet what it looks like.
    """
    found = [shape for pattern, shape in SHAPES.items() if fnmatchcase(name, pattern)]
    if not found:
        raise LookupError(f"{name}: add its shape to SHAPES in tests/support/shapes.py")
    return found[0]


def faults(value: Any, shape: Shape, path: Path = ()) -> Iterator[Fault]:
    """Where a value is not of a shape, and why, in the order of the document."""
    if isinstance(shape, type):
        if not isinstance(value, shape):
            yield path, f"{value!r:.60} is no {shape.__name__}"
    elif isinstance(shape, tuple):
        if value not in shape:
            yield path, f"unknown kind {value!r:.60}; known are {', '.join(shape)}"
    elif isinstance(shape, Mapping):
        yield from _faults_of_a_mapping(value, shape, path)
    elif isinstance(shape, list):
        yield from _faults_of_a_list(value, shape[0], path)
    else:
        yield from shape(value, path)


def _faults_of_a_mapping(value: Any, shape: Mapping[Any, Any], path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield path, f"{value!r:.60} has no keys"
        return
    for key, inner in shape.items():
        if key is ...:
            for name, item in value.items():
                yield from faults(item, inner, (*path, name))
        elif key in value:
            yield from faults(value[key], inner, (*path, key))
        else:
            yield path, f"the key {key!r} is missing"


def _faults_of_a_list(value: Any, shape: Shape, path: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield path, f"{value!r:.60} is no list"
        return
    for place, item in enumerate(value):
        yield from faults(item, shape, (*path, place))
