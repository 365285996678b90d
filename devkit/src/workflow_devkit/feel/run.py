"""One evaluation under way: its warnings, its clock and what it may still use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from workflow_devkit.feel.limits import MAX_ITEMS, MAX_STEPS, PATTERN_SECONDS, LimitReachedError
from workflow_devkit.feel.values import FeelFunction, enter, shown

MAX_WARNINGS: Final = 100
"""Warnings that one evaluation keeps; a filter over a long list can give one per element."""


class FeelWarning(str):
    """What an evaluation suppressed; ``kind`` is feel-scala's name of the failure type."""

    __slots__ = ("kind",)
    kind: str

    @classmethod
    def of(cls, kind: str, text: str) -> FeelWarning:
        """Make a warning of this kind."""
        warning = cls(text)
        warning.kind = kind
        return warning


class EvaluationFailedError(Exception):
    """The evaluation cannot go on, where feel-scala throws: null, a failure and no warnings."""


class AssertionFailedError(EvaluationFailedError):
    """An ``assert`` whose condition is not met: null, a failure and the warnings so far."""


class WrongTypeError(EvaluationFailedError):
    """A part without a value: operators and calls take it as null, else it is a failure."""


class Run:
    """One evaluation under way."""

    __slots__ = ("clock", "inputs", "pattern_seconds", "steps", "warnings")

    def __init__(self, clock: Callable[[], datetime] | None) -> None:
        self.warnings: list[FeelWarning] = []
        self.clock = clock
        #: How often ``?`` was asked for so far: a test that asks is not compared with the input.
        self.inputs = 0
        self.steps = MAX_STEPS
        #: Time that is left for regular expressions: one allowance for all of the evaluation.
        self.pattern_seconds = PATTERN_SECONDS

    def now(self) -> datetime:
        """Ask the clock, the system's if none was given."""
        return datetime.now(UTC) if self.clock is None else self.clock()

    def warn(self, kind: str, text: str) -> Any:
        """Note a suppressed failure, and give the null that takes the place of the value."""
        # The real engine keeps all: docs/reference/feel.md names it as a difference.
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning.of(kind, text))

    def fail(self, kind: str, text: str) -> WrongTypeError:
        """Note what leaves an expression without a value; the caller raises."""
        self.warn(kind, text)
        return WrongTypeError(text)

    def not_of_type(self, value: Any, expected: str) -> Any:
        """Note a value of the wrong type, and give the null that takes its place."""
        return self.warn("INVALID_TYPE", f"Expected {expected} but found '{shown(value)}'")

    def missing(self, name: str) -> Any:
        """Note a variable that is not there, and give null."""
        return self.warn("NO_VARIABLE_FOUND", f"No variable found with name '{name}'")

    def step(self, count: int = 1) -> None:
        """Use up steps.

        Raises:
            LimitReachedError: no step is left.
        """
        self.steps -= count
        if self.steps < 0:
            raise LimitReachedError(f"limit of {MAX_STEPS} steps reached")

    def build(self, count: int) -> None:
        """Make sure that a list may have this many elements.

        Raises:
            LimitReachedError: it may not.
        """
        if count > MAX_ITEMS:
            raise LimitReachedError(f"limit of {MAX_ITEMS} list elements reached")


def not_boolean(value: Any, run: Run) -> Any:
    """Note that a value stands where true or false must, and give null."""
    return run.not_of_type(value, "boolean")


Scope: TypeAlias = Mapping[str, Any]
Code: TypeAlias = Callable[[Scope, Run], Any]
"""A compiled expression: variables and run to value."""


class LocalScope(Mapping[str, Any]):
    """Variables of a loop, a function or a context in front of those around them."""

    __slots__ = ("local", "outer")

    def __init__(self, local: Mapping[str, Any], outer: Scope) -> None:
        self.local = local
        self.outer = outer

    def __getitem__(self, name: str) -> Any:
        local = self.local
        return local[name] if name in local else self.from_outside(name)

    def from_outside(self, name: str) -> Any:
        """Read a variable of the scopes around, converted if it is one of the caller's."""
        # The outermost variables are the caller's, plain JSON; those of local scopes are converted.
        outer = self.outer
        return outer[name] if isinstance(outer, LocalScope) else enter(outer[name])

    def __iter__(self) -> Any:
        yield from self.local
        yield from (name for name in self.outer if name not in self.local)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class ItemScope(LocalScope):
    """An element of a list in front of the variables around it: its keys, and ``item``."""

    __slots__ = ("item",)

    def __init__(self, item: Any, outer: Scope) -> None:
        self.item = item
        super().__init__(item if type(item) is dict else {}, outer)

    def __getitem__(self, name: str) -> Any:
        local = self.local
        if name in local:
            return local[name]
        # An entry that is called `item` hides the element itself.
        return self.item if name == "item" else self.from_outside(name)


class EntryScope(LocalScope):
    """The entries of a context so far; as in feel-scala its functions are no variables."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        value = self.local.get(name)
        # An entry may be null: only one that is not there is looked for outside.
        if type(value) is FeelFunction or (value is None and name not in self.local):
            return self.from_outside(name)
        return value


def local_function(scope: Scope, name: str) -> FeelFunction | None:
    """Find a function that is an entry of a context around, or of an element that is filtered."""
    # Parameters and loop variables are passed over: a function in them is a value, and cannot
    # be called by its name (test_feel_limits.py: functions cannot call themselves).
    while isinstance(scope, LocalScope):
        if isinstance(scope, EntryScope | ItemScope):
            value = scope.local.get(name)
            if type(value) is FeelFunction:
                return value
        scope = scope.outer
    return None
