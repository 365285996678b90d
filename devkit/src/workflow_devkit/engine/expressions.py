"""Expressions of a diagram: ``=`` FEEL or a static value, compiled once at deploy.

Sources: Zeebe's ``ExpressionProcessor`` (texts of wrong types) and ``StaticExpression``; see
semantics#missing-is-null and semantics#static-values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.failures import Failure
from workflow_devkit.feel import CompiledExpression, compile_expression, to_json, type_name

__all__ = ["EvaluationContext", "Expression", "compile_optional"]

EvaluationContext = Mapping[str, Any]


class Expression:
    """One attribute of an element that may be computed."""

    __slots__ = ("_clock", "feel", "static", "text")

    def __init__(self, text: str, clock: EngineClock, *, literal: bool = False) -> None:
        self.text = text.strip()
        self.feel: CompiledExpression | None = None
        self.static: Any = None
        self._clock = clock
        # A lone `=` is a static text.
        if self.text.startswith("=") and self.text != "=":
            self.text = self.text[1:].strip()
            self.feel = compile_expression(self.text)
        else:
            self.static = text if literal else _number_or_text(text)

    def evaluate(self, variables: EvaluationContext) -> Any:
        """Gives the value as FEEL has it, not yet as JSON.

        Raises:
            Failure: the evaluation gave up (EXTRACT_VALUE_ERROR).
        """
        return self._run(variables)[0]

    def explained(self, variables: EvaluationContext) -> tuple[Any, tuple[str, ...]]:
        """The value and FEEL's warnings on the way to it."""
        return self._run(variables)

    def evaluate_json(self, variables: EvaluationContext) -> Any:
        """Gives the value as JSON (semantics#values-as-json)."""
        return to_json(self.evaluate(variables))

    def expect(self, variables: EvaluationContext, wanted: str, fits: Callable[[Any], bool]) -> Any:
        """The value, which must be of a type; ``wanted`` is Zeebe's name of it."""
        value, warnings = self._run(variables)
        if fits(value):
            return value
        raise Failure("EXTRACT_VALUE_ERROR", self._wrong_type(wanted, value, warnings))

    def text_value(self, variables: EvaluationContext) -> str:
        """Gives a text, for job types and names; a static one as it was written."""
        if self.feel is None:
            return str(self.static) if isinstance(self.static, str) else self.text
        return str(self.expect(variables, "STRING", lambda value: isinstance(value, str)))

    def boolean(self, variables: EvaluationContext) -> bool:
        """Gives true or false, for conditions."""
        return bool(self.expect(variables, "BOOLEAN", lambda value: isinstance(value, bool)))

    def integer(self, variables: EvaluationContext) -> int:
        """Gives a whole number, for retries."""
        return int(self.expect(variables, "NUMBER", _is_number))

    def _run(self, variables: EvaluationContext) -> tuple[Any, tuple[str, ...]]:
        if self.feel is None:
            return self.static, ()
        result = self.feel.evaluate(variables, clock=self._now)
        if result.failure is not None:
            raise Failure("EXTRACT_VALUE_ERROR", result.failure + explain(result.warnings))
        return result.value, result.warnings

    def _now(self) -> datetime:
        # So that `now()` stands still in a test, and follows `advance`.
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)

    def _wrong_type(self, wanted: str, value: Any, warnings: tuple[str, ...]) -> str:
        text = (
            f"Expected result of the expression '{self.text}' to be '{wanted}', "
            f"but was '{zeebe_type(value)}'."
        )
        return text + explain(warnings)


def explain(warnings: tuple[str, ...]) -> str:
    """The warnings of an evaluation, as incidents list them."""
    if not warnings:
        return ""
    lines = "\n".join(f"[{getattr(w, 'kind', 'UNKNOWN')}] {w}" for w in warnings)
    return f" The evaluation reported the following warnings:\n{lines}"


_ZEEBE_TYPES = {
    "date and time": "DATE_TIME",
    "days and time duration": "DURATION",
    "years and months duration": "PERIOD",
    "list": "ARRAY",
    "context": "OBJECT",
    "null": "NULL",
}


def zeebe_type(value: Any) -> str:
    """A value's type as Zeebe's messages name it."""
    name = type_name(value)
    return _ZEEBE_TYPES.get(name, name.upper().replace(" ", "_"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _number_or_text(text: str) -> Any:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    # Decimal reads NaN and Infinity too.
    return number if number.is_finite() else text


def compile_optional(text: str | None, clock: EngineClock) -> Expression | None:
    """The compiled attribute, None where the diagram has none."""
    return Expression(text, clock) if text else None
