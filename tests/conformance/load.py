"""The scenarios and what a real broker answered to them."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from tests.conformance.normal import Lines
from tests.conformance.script import Scenario
from tests.support import cases, manifest

RECORDED = "scenarios/recorded.jsonl"


@cache
def scenarios() -> list[Scenario]:
    """All of them, in the order of the files."""
    found: list[Scenario] = []
    for path in sorted((cases.CASES / "scenarios").glob("*.yaml")):
        written = cases.read_data(f"scenarios/{path.name}")
        found += [_scenario(name, parts) for name, parts in written.items()]
    return found


def _scenario(name: str, parts: dict[str, Any]) -> Scenario:
    steps, later = parts.pop("steps"), parts.pop("later", {})
    return Scenario(name, parts, steps, later)


def prefix(name: str) -> str:
    """What makes a scenario's names its own."""
    return f"c{hashlib.sha256(name.encode()).hexdigest()[:8]}_"


def recorded() -> dict[str, dict[str, Any]]:
    """By scenario: the answers and the lines of a real broker."""
    return {found["name"]: found for found in cases.read_data(RECORDED)}


def record(found: dict[str, tuple[list[str], Lines]]) -> None:
    """Keeps a broker's answers beside those that are there already."""
    known = recorded()
    for name, (answers, lines) in found.items():
        known[name] = {"name": name, "answers": answers, "lines": lines}
    present = [s.name for s in scenarios()]
    text = "".join(json.dumps(known[n], ensure_ascii=False) + "\n" for n in present if n in known)
    (cases.CASES / RECORDED).write_text(text, encoding="utf-8")
    manifest.write(cases.MANIFEST, manifest.own())
