"""Expressions that both engines are asked, and what the real one answered.

``expressions.txt`` and ``unary.txt`` are written by hand, a line each (⏎ is a line break);
``values.txt`` are the arguments that every function and operator is given in turn.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.support import cases, manifest

from workflow_devkit.feel import BUILTINS

RECORDED = "feel/recorded.jsonl"
VARIABLES: dict[str, Any] = {
    "n": 2,
    "x": 5,
    "y": [1, 5],
    "a": 1,
    "b": 2,
    "xs": [1, 2, 3],
    "os": [{"a": 1}, {"a": 2}],
    "c": {"a": {"b": 1}, "a b": 7},
    "x y": 3,
    "t": True,
    "d": "2024-01-01",
}
SUBJECTS: tuple[Any, ...] = (5, 1, None, "a", True, False, [1, 5], {"a": 1}, 7.5)
OPERATORS = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in")
PARTS = ("year", "second", "time offset", "days", "a")
_OPERATIONS = 460
"""Of all operators, paths and filters with all values."""
_CALLS = 20
"""Of each function, for each argument that it takes."""

Case = tuple[str, Any]
"""An expression, and the subject if it is a unary test (else no element)."""


def lines(name: str) -> list[str]:
    """The expressions of a file."""
    text = cases.read_text(f"feel/{name}")
    return [line.replace("⏎", "\n") for line in text.split("\n")[:-1]]


def expressions() -> list[str]:
    """Those written by hand and a sample of the combinations, always the same."""
    return list(dict.fromkeys([*lines("expressions.txt"), *_sample()]))


def unary_tests() -> list[tuple[str, Any]]:
    """Each unary test about each subject."""
    return [(test, subject) for test in lines("unary.txt") for subject in SUBJECTS]


def _sample() -> list[str]:
    operations = sorted(set(_operations()))
    return [*random.Random(8).sample(operations, _OPERATIONS), *sorted(set(_calls()))]


def _operations() -> Iterator[str]:
    values = [value for value in lines("values.txt") if ".." not in value]
    chosen = random.Random(4)
    for left in values:
        yield from (f"{left} {operator} {chosen.choice(values)}" for operator in OPERATORS)
        if "function" not in left:
            yield from (f"{{k: {left}}}.k.{name}" for name in PARTS)
        yield from (f"({left})[{index}]" for index in ("1", "-1", "item > 1", "a = 1"))


def _calls() -> Iterator[str]:
    """Calls of every function; the choice for one does not hang on which others there are."""
    values = lines("values.txt")
    for name, signatures in BUILTINS.items():
        for count in {len(signature.parameters) for signature in signatures}:
            chosen = random.Random(f"{name}, {count}")
            for _ in range(_CALLS * count):
                yield f"{name}({', '.join(chosen.choices(values, k=count))})"


def key(expression: str, subject: Any = ...) -> str:
    """What a recorded answer is found by."""
    return expression if subject is ... else f"{expression}\x00{json.dumps(subject)}"


def recorded() -> dict[str, dict[str, Any]]:
    """The real engine's answers."""
    return {line.pop("key"): line for line in cases.read_data(RECORDED)}


def record(answers: dict[str, dict[str, Any]]) -> None:
    """Keeps the real engine's answers."""
    text = (json.dumps({"key": k, **a}, ensure_ascii=False) + "\n" for k, a in answers.items())
    (cases.CASES / RECORDED).write_text("".join(text), encoding="utf-8")
    manifest.write(cases.MANIFEST, manifest.own())
