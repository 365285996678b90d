"""Our answers in the form of the real engine's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.conformance.feel.form import NOW, number_text

from workflow_devkit.feel import (
    Evaluation,
    FeelFunction,
    FeelSyntaxError,
    FeelWarning,
    evaluate,
    evaluate_unary_tests,
    type_name,
)

_NOW = datetime.fromisoformat(NOW)


def answer(expression: str, variables: dict[str, Any]) -> dict[str, Any]:
    """What ``evaluate`` gives."""
    return _answer(lambda: evaluate(expression, variables, clock=lambda: _NOW))


def answer_unary(tests: str, subject: Any, variables: dict[str, Any]) -> dict[str, Any]:
    """What ``evaluate_unary_tests`` gives."""
    return _answer(lambda: evaluate_unary_tests(tests, subject, variables, clock=lambda: _NOW))


def _answer(run: Callable[[], Evaluation]) -> dict[str, Any]:
    try:
        evaluation = run()
    except FeelSyntaxError:
        return {"kind": "syntax"}
    if evaluation.failure is not None:
        return {"kind": "failure"}
    warnings = [[w.kind, str(w)] for w in evaluation.warnings if isinstance(w, FeelWarning)]
    return {"kind": "value", "value": plain(evaluation.value), "warnings": warnings}


def plain(value: Any) -> Any:
    """A value with its type, as JSON."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return {"number": number_text(Decimal(value))}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        entries = {k: plain(v) for k, v in value.items() if not isinstance(v, FeelFunction)}
        return {"context": dict(sorted(entries.items()))}
    kind = type_name(value)
    local = "local " if getattr(value, "is_local", False) else ""
    return {local + kind: "" if kind == "function" else str(value)}
