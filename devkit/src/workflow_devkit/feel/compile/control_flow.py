"""Compiles conditions, loops, quantifiers, unary tests and functions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from workflow_devkit.feel.arithmetic import add, subtract
from workflow_devkit.feel.comparing import equal, identity, in_range
from workflow_devkit.feel.compile.operands import Build, build_operand
from workflow_devkit.feel.compile.operators import implied_input
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.numbers import is_number
from workflow_devkit.feel.run import Code, LocalScope, Run, Scope, WrongTypeError, not_boolean
from workflow_devkit.feel.values import FeelFunction, FeelRange, shown


def compile_if(node: nodes.If, build: Build) -> Code:
    """Compile ``if``: anything but true leads to ``else``."""
    branches = [(build_operand(condition, build), build(then)) for condition, then in node.branches]
    otherwise = build(node.otherwise)

    def choose(scope: Scope, run: Run) -> Any:
        for condition, then in branches:
            met = condition(scope, run)
            if met is True:
                return then(scope, run)
            if met is not False:
                not_boolean(met, run)
        return otherwise(scope, run)

    return choose


def compile_steps(node: nodes.Steps, build: Build) -> Code:
    """Compile the numbers of a loop: ``a..b``."""
    start, end = build(node.start), build(node.end)

    def count(scope: Scope, run: Run) -> list[Any]:
        first, last = start(scope, run), end(scope, run)
        for value in (first, last):
            if not is_number(value):
                raise run.fail("INVALID_TYPE", f"Expected number but found '{shown(value)}'")
        length = int(abs(subtract(last, first, run) or 0)) + 1
        # Before the list is made: `1..10**12` is refused and costs nothing.
        run.build(length)
        run.step(length)
        step = 1 if first <= last else -1
        return [add(first, step * index, run) for index in range(length)]

    return count


def _bindings(
    iterators: list[tuple[str, Code]],
    scope: Scope,
    run: Run,
) -> Iterator[dict[str, Any]] | None:
    """Combine the elements of all lists; null, with warnings, if one of them is no list."""
    found = [_items(code, scope, run) for _, code in iterators]
    lists = [items for items in found if type(items) is list]
    for items in found:
        if type(items) is not list and items is not _COMPLAINED:
            run.not_of_type(items, "list")
    if len(lists) < len(iterators):
        return None
    return _combine([name for name, _ in iterators], lists, run)


_COMPLAINED: Final = object()
"""Stands for items about which there is a warning already."""


def _items(code: Code, scope: Scope, run: Run) -> Any:
    try:
        return code(scope, run)
    except WrongTypeError:
        return _COMPLAINED


def _combine(names: list[str], lists: list[list[Any]], run: Run) -> Iterator[dict[str, Any]]:
    for combination in product(*lists):
        run.step()
        yield dict(zip(names, combination, strict=True))


def compile_for(node: nodes.For, build: Build) -> Code:
    """Compile ``for``: its body sees what it has given so far as ``partial``."""
    iterators = [(name, build(items)) for name, items in node.iterators]
    body = build(node.body)

    def loop(scope: Scope, run: Run) -> list[Any] | None:
        bindings = _bindings(iterators, scope, run)
        if bindings is None:
            return None
        results: list[Any] = []
        for binding in bindings:
            results.append(body(_LoopScope(binding, scope, results, run), run))
        return results

    return loop


class _LoopScope(LocalScope):
    """The variables of a loop; ``partial`` is copied only when it is asked for."""

    __slots__ = ("results", "run")

    def __init__(
        self,
        local: dict[str, Any],
        outer: Scope,
        results: list[Any],
        run: Run,
    ) -> None:
        super().__init__(local, outer)
        self.results = results
        self.run = run

    def __getitem__(self, name: str) -> Any:
        if name in self.local:
            return self.local[name]
        if name != "partial":
            return self.from_outside(name)
        # A copy, since the body may keep it while the results grow.
        self.run.step(len(self.results) // 64)
        return list(self.results)


def compile_quantified(node: nodes.Quantified, build: Build) -> Code:
    """Compile ``some`` and ``every``: three-valued, stops where the answer is known."""
    iterators = [(name, build(items)) for name, items in node.iterators]
    condition, decisive = build(node.condition), node.some

    def decide(scope: Scope, run: Run) -> Any:
        bindings = _bindings(iterators, scope, run)
        if bindings is None:
            return None
        answer: Any = not decisive
        for binding in bindings:
            value = condition(LocalScope(binding, scope), run)
            if value is decisive:
                return decisive
            # Only the first value that is no boolean is warned about.
            if type(value) is not bool and answer is not None:
                answer = not_boolean(value, run)
        return answer

    return decide


def compile_in(node: nodes.In, build: Build) -> Code:
    """Compile ``value in tests``: the tests see the value as ``?``."""
    value, test = build(node.value), build(node.test)

    def holds(scope: Scope, run: Run) -> Any:
        subject = value(scope, run)
        # As in feel-scala a function is no variable, so there is no input.
        known = {} if type(subject) is FeelFunction else {"?": subject}
        before = run.inputs
        answer = test(LocalScope(known, scope), run)
        run.inputs = before  # within, the input was another one
        return answer

    return holds


def compile_unary_test(node: nodes.UnaryTest, build: Build) -> Code:
    """Compile an expression as a test of the input."""
    test = build(node.test)

    def holds(scope: Scope, run: Run) -> Any:
        before = run.inputs
        value = test(scope, run)
        # Known only now: `if ok then ? > 3 else 5` asks for the input only if `ok` is true.
        if run.inputs > before:
            return value if type(value) is bool else None
        subject = implied_input(scope, run)
        return True if value is True else _fits(subject, value, run)

    return holds


def _fits(subject: Any, value: Any, run: Run) -> Any:
    if type(value) is FeelRange:
        return in_range(subject, value, run)
    if type(value) is not list:
        return equal(subject, value, run)
    # A list holds for each of its elements, and for a list that equals it.
    wanted = identity(subject, run)
    is_among = any(identity(item, run) == wanted for item in value)
    return is_among or equal(subject, value, run) is True


def compile_any_of(node: nodes.AnyOf, build: Build) -> Code:
    """Compile tests of which one must hold."""
    tests = [build(test) for test in node.tests]

    def decide(scope: Scope, run: Run) -> Any:
        answer: Any = False
        for test in tests:
            value = test(scope, run)
            if value is True:
                return True
            if value is not False and answer is not None:
                answer = not_boolean(value, run)
        return answer

    return decide


def compile_negation(node: nodes.Negation, build: Build) -> Code:
    """Compile the negation of unary tests: ``not(tests)``."""
    test = build(node.test)

    def negate(scope: Scope, run: Run) -> Any:
        value = test(scope, run)
        return not value if type(value) is bool else not_boolean(value, run)

    return negate


def compile_lambda(node: nodes.Lambda, build: Build) -> Code:
    """Compile a function: it sees the variables of the place where it is defined."""
    parameters, body = tuple(node.parameters), build(node.body)

    def make(scope: Scope, _run: Run) -> FeelFunction:
        def invoke(arguments: list[Any], run: Run) -> Any:
            # No function calls itself, but in a chain of them each may call the next one twice.
            run.step()
            return body(LocalScope(dict(zip(parameters, arguments, strict=True)), scope), run)

        return FeelFunction(parameters, invoke)

    return make
