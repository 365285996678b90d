"""Realistic gateway conditions with the real engine's answers."""

from __future__ import annotations

from typing import Any, Final

from tests.support import cases

FILES: Final = ("conditions.jsonl", "minimal.jsonl")


def conditions(name: str) -> list[dict[str, Any]]:
    """The cases of a file: ``expression``, ``variables``, and ``real``, what was answered."""
    return cases.read_data(f"feel-conditions/{name}")


def plain_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as these files have it: kind, and the value if it is one."""
    if answer["kind"] != "value":
        return {"kind": answer["kind"]}
    return {"kind": "value", "value": answer["value"]}
