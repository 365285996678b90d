"""Compiles logic, comparisons and arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_devkit.feel.arithmetic import OPERATIONS, negate
from workflow_devkit.feel.comparing import COMPARISONS, FAST_COMPARISONS, in_range
from workflow_devkit.feel.compile.operands import Build, build_operand, compile_bounds
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.run import MAX_WARNINGS, Code, Run, Scope, not_boolean
from workflow_devkit.feel.values import enter, is_instance


def compile_logic(node: nodes.Logic, build: Build) -> Code:
    """Compile a chain of ``and`` or ``or``: three-valued, stops where the answer is known."""
    decisive = node.operator == "or"
    first, *rest = [build_operand(operand, build) for operand in node.operands]

    def decide(scope: Scope, run: Run) -> Any:
        answer = first(scope, run)
        for operand in rest:
            if answer is decisive:
                return decisive
            # After a part that is no boolean the answer is null, unless a decisive one follows.
            known = type(answer) is bool
            if not known:
                not_boolean(answer, run)
            value = operand(scope, run)
            if value is decisive:
                return decisive
            answer = (value if type(value) is bool else not_boolean(value, run)) if known else None
        return answer

    return decide


def compile_comparison(node: nodes.Comparison, build: Build) -> Code:
    """Compile a comparison; one with a constant gets a shorter way."""
    if isinstance(node.right, nodes.Literal) and type(node.right.value) in (int, str):
        # The same answers, which test_feel_properties.py compares with those of the longer way.
        return _with_constant(node.operator, node.left, node.right.value, build)
    compare = COMPARISONS[node.operator]
    left, right = build(node.left), build(node.right)
    return lambda scope, run: compare(left(scope, run), right(scope, run), run)


def _with_constant(operator: str, left: nodes.Node, constant: Any, build: Build) -> Code:
    fast, slow = FAST_COMPARISONS[operator], COMPARISONS[operator]
    kind = type(constant)
    if isinstance(left, nodes.Name):
        return _name_with_constant(left.name, constant, fast, slow)
    value_of = build(left)

    def compare(scope: Scope, run: Run) -> Any:
        value = value_of(scope, run)
        # By exact type: a boolean is an int to Python, and no number in FEEL.
        return fast(value, constant) if type(value) is kind else slow(value, constant, run)

    return compare


def _name_with_constant(
    name: str,
    constant: Any,
    fast: Callable[[Any, Any], bool],
    slow: Callable[[Any, Any, Run], bool | None],
) -> Code:
    kind = type(constant)

    def compare(scope: Scope, run: Run) -> Any:
        try:
            value = scope[name]
        except KeyError:
            value = run.missing(name)
        # A value of the same plain type has nothing to be converted.
        if type(value) is kind:
            return fast(value, constant)
        return slow(enter(value), constant, run)

    return compare


def compile_between(node: nodes.Between, build: Build) -> Code:
    """Compile a comparison with two ends: ``a between b and c``."""
    value, low, high = (build(part) for part in (node.value, node.low, node.high))
    at_least, at_most = COMPARISONS[">="], COMPARISONS["<="]

    def between(scope: Scope, run: Run) -> Any:
        before = len(run.warnings)
        middle = value(scope, run)
        after = len(run.warnings)
        above = at_least(middle, low(scope, run), run)
        # As with `and`: the upper end is not even evaluated.
        if above is False:
            return False
        if above is None:
            not_boolean(above, run)
        if after > before:
            # feel-scala evaluates the value once for each end, and warns each time.
            run.warnings += run.warnings[before:after][: MAX_WARNINGS - len(run.warnings)]
        below = at_most(middle, high(scope, run), run)
        if below is None and above is True:
            return not_boolean(below, run)
        return below if above or below is False else None

    return between


def compile_instance_of(node: nodes.InstanceOf, build: Build) -> Code:
    """Compile a test of a type: ``a instance of number``."""
    value, type_name = build(node.value), node.type_name
    return lambda scope, run: is_instance(value(scope, run), type_name)


def compile_arithmetic(node: nodes.Arithmetic, build: Build) -> Code:
    """Compile operators of one precedence, applied from left to right."""
    first = build_operand(node.first, build)
    rest = [
        (OPERATIONS[operator], build_operand(operand, build)) for operator, operand in node.rest
    ]
    if len(rest) == 1:  # nearly always: no loop
        operation, second = rest[0]
        return lambda scope, run: operation(first(scope, run), second(scope, run), run)

    def calculate(scope: Scope, run: Run) -> Any:
        value = first(scope, run)
        for operation, operand in rest:
            value = operation(value, operand(scope, run), run)
        return value

    return calculate


def compile_minus(node: nodes.Minus, build: Build) -> Code:
    """Compile a change of sign: ``-a``."""
    operand = build(node.operand)
    return lambda scope, run: negate(operand(scope, run), run)


def compile_input_test(node: nodes.InputTest, build: Build) -> Code:
    """Compile ``< 5`` about the input."""
    compare, subject = COMPARISONS[node.operator], implied_input
    operand = build(node.operand)
    return lambda scope, run: compare(subject(scope, run), operand(scope, run), run)


def compile_enclosed(node: nodes.Enclosed, build: Build) -> Code:
    """Compile what stands in parentheses."""
    return build(node.test)


def implied_input(scope: Scope, run: Run) -> Any:
    """Look up what a unary test is about."""
    try:
        return enter(scope["?"])
    except KeyError:
        return run.warn("NO_VARIABLE_FOUND", "No input value found.")


def compile_interval(node: nodes.Interval, build: Build) -> Code:
    """Compile ``[a..b]`` about the input."""
    bounds, subject = compile_bounds(node.range, build), implied_input

    def within(scope: Scope, run: Run) -> bool | None:
        ends = bounds(scope, run)
        value = subject(scope, run)
        if value is None:
            subject(scope, run)  # feel-scala looks again for its warning
        return in_range(value, ends, run)

    return within
