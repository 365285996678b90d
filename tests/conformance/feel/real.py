"""feel-scala as Zeebe runs it, in this process: what our FEEL is compared with.

Needs the broker's distribution (``tools.broker``), the Java that comes with it and JPype.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import jpype
from tests.conformance.feel.form import NOW, number_text
from tools.broker.distribution import Distribution

_TAGS: Final = {
    "ValDate": "date",
    "ValTime": "time",
    "ValLocalTime": "local time",
    "ValDateTime": "date and time",
    "ValLocalDateTime": "local date and time",
    "ValDayTimeDuration": "days and time duration",
    "ValYearMonthDuration": "years and months duration",
    "ValRange": "range",
    "ValFunction": "function",
    "ValError": "error",
}


def start(distribution: Distribution) -> None:
    """Starts the Java machine, once a process."""
    if jpype.isJVMStarted():
        return
    library = distribution.java.parent.parent / "lib" / "server" / "libjvm.so"
    options = ("-Xss16m", "-Duser.timezone=UTC", "-Dlog4j2.level=OFF")
    jpype.startJVM(str(library), *options, classpath=[f"{distribution.home}/lib/*"])


class Engine:
    """Zeebe's expression engine with a clock that stands still."""

    def __init__(self, distribution: Distribution) -> None:
        start(distribution)
        java = jpype.JClass
        impl = "io.camunda.zeebe.feel.impl."
        self._lists = java("scala.jdk.javaapi.CollectionConverters")
        self._engine = (
            java("org.camunda.feel.FeelEngine$Builder")()
            .customValueMapper(java(f"{impl}MessagePackValueMapper")())
            .functionProvider(java(f"{impl}FeelFunctionProvider")())
            .clock(_clock())
            .build()
        )
        self._api = java("org.camunda.feel.api.FeelEngineApi")(self._engine)

    def ask(self, expression: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Evaluates an expression: its value, typed, or how it failed, and the warnings."""
        parsed = self._api.parseExpression(expression)
        if parsed.isFailure():
            return {"kind": "syntax"}
        return self._answer(self._api.evaluate(parsed.parsedExpression(), to_java(variables)))

    def ask_unary(self, tests: str, subject: Any, variables: dict[str, Any]) -> dict[str, Any]:
        """Evaluates unary tests about a value."""
        parsed = self._api.parseUnaryTests(tests)
        if parsed.isFailure():
            return {"kind": "syntax"}
        given = to_java(subject), to_java(variables)
        return self._answer(self._api.evaluateWithInput(parsed.parsedExpression(), *given))

    def _answer(self, result: Any) -> dict[str, Any]:
        if result.isFailure():
            return {"kind": "failure"}
        suppressed = self._lists.asJava(result.suppressedFailures())
        warnings = [[text(w.failureType()), text(w.failureMessage())] for w in suppressed]
        return {"kind": "value", "value": self._plain(result.result()), "warnings": warnings}

    def _plain(self, value: Any) -> Any:
        kind = text(value.getClass().getSimpleName())
        if kind in _TAGS:
            return {_TAGS[kind]: "" if kind in ("ValFunction", "ValError") else text(value)}
        return _PLAIN[kind](self, value)

    def items(self, value: Any) -> list[Any]:
        """The elements of a list."""
        return [self._plain(item) for item in self._lists.asJava(value.items())]

    def entries(self, context: Any) -> dict[str, Any]:
        """The entries of a context by name, functions left out."""
        variables = self._lists.asJava(context.context().variableProvider().getVariables())
        mapper = self._engine.valueMapper()
        found = {text(key): self._plain(mapper.toVal(variables[key])) for key in variables}
        return {"context": dict(sorted(found.items()))}


_PLAIN: Final[dict[str, Callable[[Engine, Any], Any]]] = {
    "ValNull$": lambda _engine, _value: None,
    "ValBoolean": lambda _engine, value: bool(value.value()),
    "ValNumber": lambda _engine, value: {
        "number": number_text(Decimal(text(value.value().bigDecimal())))
    },
    "ValString": lambda _engine, value: text(value.value()),
    "ValList": lambda engine, value: engine.items(value),
    "ValContext": lambda engine, value: engine.entries(value),
}


def text(value: Any) -> str:
    """Takes a Java text over, halves of characters included."""
    try:
        return str(value)
    except UnicodeDecodeError:
        return "".join(str(unit) if ord(unit) < 0xD800 else "\ufffd" for unit in value)


def to_java(value: Any) -> Any:
    """Hands a JSON value over."""
    java = jpype.JClass
    if isinstance(value, bool):
        return java("java.lang.Boolean").valueOf(value)
    if isinstance(value, int | float):
        return java("java.math.BigDecimal")(repr(value))
    if isinstance(value, list):
        made = java("java.util.ArrayList")()
        for item in value:
            made.add(to_java(item))
        return made
    if isinstance(value, dict):
        made = java("java.util.LinkedHashMap")()
        for key, item in value.items():
            made.put(key, to_java(item))
        return made
    return value


def _clock() -> Any:
    now = jpype.JClass("java.time.ZonedDateTime").parse(NOW)

    @jpype.JImplements("org.camunda.feel.FeelEngineClock")
    class Clock:
        @jpype.JOverride
        def getCurrentTime(self) -> Any:  # noqa: N802 - Java's name
            return now

    return Clock()
