"""Compiles an expression once and evaluates it as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from workflow_devkit.feel.compile.compiler import compile_tree
from workflow_devkit.feel.errors import FeelSyntaxError
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.parser import parse_unary_tests, parse_with_names
from workflow_devkit.feel.limits import LimitReachedError
from workflow_devkit.feel.run import (
    AssertionFailedError,
    Code,
    EvaluationFailedError,
    LocalScope,
    Run,
    Scope,
)
from workflow_devkit.feel.stack import with_room
from workflow_devkit.feel.values import check_size, enter

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an expression gave.

    Attributes:
        value: FEEL's value; ``to_json`` makes it plain.
        warnings: what was suppressed on the way, one sentence each.
        failure: why there is no value, where feel-scala gives up instead of answering null: at a
            failed ``assert`` or a modulo by zero. Else None.
    """

    value: Any
    warnings: tuple[str, ...] = ()
    failure: str | None = None


_TRUE: Final = Evaluation(value=True)
_FALSE: Final = Evaluation(value=False)


class CompiledExpression:
    """An expression ready to be evaluated, by many threads at once if need be.

    Attributes:
        source: the text that was compiled.
        names: the variables that it uses from outside.
    """

    __slots__ = ("_code", "names", "source")

    def __init__(self, source: str, code: Code, names: frozenset[str]) -> None:
        self.source = source
        self.names = names
        self._code = code

    def evaluate(self, variables: Mapping[str, Any], *, clock: Clock | None = None) -> Evaluation:
        """Evaluate the expression; whatever it does, it raises nothing.

        Args:
            variables: values as JSON has them, FEEL's own, or ``datetime`` and ``date``.
            clock: gives the moment, with a zone, that ``now()`` and ``today()`` answer; the
                system's clock in UTC if None.

        Returns:
            The value, null with warnings where something failed on the way.
        """
        run = Run(clock)
        try:
            value = self._code(variables, run)
        except RecursionError:
            # Rare, so that only such an expression pays: anew, with more room and a fresh run.
            return self._evaluate_deeply(variables, Run(clock))
        except _GIVEN_UP as error:
            return _give_up(error, run, self.source)
        # What conditions give is made once.
        if not run.warnings:
            if value is True:
                return _TRUE
            if value is False:
                return _FALSE
        return _finish(value, run)

    def _evaluate_deeply(self, variables: Mapping[str, Any], run: Run) -> Evaluation:
        try:
            return with_room(lambda given: _finish(self._code(given, run), run), variables)
        except (RecursionError, *_GIVEN_UP) as error:
            return _give_up(error, run, self.source)

    def __repr__(self) -> str:
        return f"CompiledExpression({self.source!r})"


# Nothing is raised at evaluation (docs/reference/feel.md, What goes wrong): also what Python's
# own arithmetic and memory refuse gives null and a warning.
_GIVEN_UP: Final = (
    LimitReachedError,
    EvaluationFailedError,
    MemoryError,
    ArithmeticError,
    ValueError,
)


def _finish(value: Any, run: Run) -> Evaluation:
    # The steps do not count what a result would take written out, with shared parts each time.
    if type(value) is list or type(value) is dict:
        try:
            check_size(value)
        except LimitReachedError as error:
            value = run.warn("UNKNOWN", str(error))
    return Evaluation(value, tuple(run.warnings))


def _give_up(error: BaseException, run: Run, source: str) -> Evaluation:
    if isinstance(error, EvaluationFailedError):
        # feel-scala loses its warnings with an exception that it does not catch itself.
        is_thrown = type(error) is EvaluationFailedError
        warnings = () if is_thrown else tuple(run.warnings)
        return Evaluation(None, warnings, _failure(error, source))
    if isinstance(error, RecursionError):
        run.warn("UNKNOWN", "limit of nested calls reached")
    elif isinstance(error, LimitReachedError):
        run.warn("UNKNOWN", str(error))
    else:
        # Without the error's text, which speaks of Python.
        run.warn("UNKNOWN", "the evaluation was given up: a value in it cannot be worked with")
    return Evaluation(None, tuple(run.warnings))


def _failure(error: EvaluationFailedError, source: str) -> str:
    if isinstance(error, AssertionFailedError):
        return f"Assertion failure on evaluate the expression '{source}': {error}"
    colon = " :" if type(error) is EvaluationFailedError else ":"
    return f"failed to evaluate expression '{source}'{colon} {error}"


# With the 4096 expressions of the cache: at most 41 million characters are kept.
_LONGEST_KEPT: Final = 10_000


def compile_expression(expression: str) -> CompiledExpression:
    """Compile an expression; the last few thousand that are not very long are kept.

    Args:
        expression: FEEL, without the ``=`` that begins an expression in a diagram.

    Raises:
        FeelSyntaxError: the text is not a FEEL expression.
    """
    if len(expression) > _LONGEST_KEPT:
        return compile_uncached(expression)
    return _compile_cached(expression)


def compile_uncached(expression: str) -> CompiledExpression:
    """Compile an expression anew.

    Raises:
        FeelSyntaxError: the text is not a FEEL expression.
    """
    tree, names = parse_with_names(expression)
    return CompiledExpression(expression, _compile(tree, "the expression is"), names)


def _compile(tree: nodes.Node, what_is: str) -> Code:
    try:
        # The caller may have used up most of Python's stack; then there is a second try with more.
        return with_room(compile_tree, tree)
    except RecursionError:
        raise FeelSyntaxError(1, 1, f"{what_is} too deeply nested") from None


_compile_cached: Final = lru_cache(maxsize=4096)(compile_uncached)


def evaluate(
    expression: str,
    variables: Mapping[str, Any],
    *,
    clock: Clock | None = None,
) -> Evaluation:
    """Compile and evaluate an expression.

    Args:
        expression: FEEL, without the ``=`` that begins an expression in a diagram.
        variables: values as JSON has them, FEEL's own, or ``datetime`` and ``date``.
        clock: gives the moment, with a zone, that ``now()`` and ``today()`` answer; the
            system's clock in UTC if None.

    Raises:
        FeelSyntaxError: the text is not a FEEL expression; nothing else.
    """
    return compile_expression(expression).evaluate(variables, clock=clock)


def evaluate_unary_tests(
    tests: str,
    subject: Any,
    variables: Mapping[str, Any],
    *,
    clock: Clock | None = None,
) -> Evaluation:
    """Evaluate unary tests, such as ``< 5, [7..9]``.

    Args:
        tests: the tests, or ``-`` for any value.
        subject: the value that they are about, which they call ``?``.
        variables: other values that they may use.
        clock: gives the moment, with a zone, that ``now()`` and ``today()`` answer; the
            system's clock in UTC if None.

    Raises:
        FeelSyntaxError: the text is not a list of unary tests; nothing else.
    """
    code = _compile(parse_unary_tests(tests), "the tests are")

    # The subject is taken over inside, where a deep one gets more room too.
    def about_subject(scope: Scope, run: Run) -> Any:
        return code(LocalScope({"?": enter(subject)}, scope), run)

    # Used once and thrown away: nobody can ask for its names.
    return CompiledExpression(tests, about_subject, frozenset()).evaluate(variables, clock=clock)
