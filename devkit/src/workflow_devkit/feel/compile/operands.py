"""Compiles literals, variables, lists, contexts, ranges, paths and filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from workflow_devkit.feel.comparing import is_point, kind_of
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.numbers import is_number
from workflow_devkit.feel.properties import read_property
from workflow_devkit.feel.run import (
    Code,
    EntryScope,
    EvaluationFailedError,
    ItemScope,
    LocalScope,
    Run,
    Scope,
    WrongTypeError,
)
from workflow_devkit.feel.values import ATOMS, FeelFunction, FeelRange, enter

Build: TypeAlias = Callable[[nodes.Node], Code]


def build_operand(node: nodes.Node, build: Build) -> Code:
    """Compile a value that an operator takes: null where a call of a context's entry failed."""
    code, inner = build(node), node
    while isinstance(inner, nodes.Path):
        inner = inner.base
    # Of all that an operator takes only such a call raises when it fails; the rest gives null.
    is_fragile = isinstance(inner, nodes.Call) and inner.target is not None
    return _tolerant(code) if is_fragile else code


def _tolerant(code: Code) -> Code:
    def attempt(scope: Scope, run: Run) -> Any:
        try:
            return code(scope, run)
        except WrongTypeError:
            return None

    return attempt


def compile_literal(node: nodes.Literal, _: Build) -> Code:
    """Compile a constant."""
    value = node.value
    return lambda _scope, _run: value


def compile_name(node: nodes.Name, _: Build) -> Code:
    """Compile the look-up of a variable."""
    name = node.name
    atoms = ATOMS

    def look_up(scope: Scope, run: Run) -> Any:
        try:
            value = scope[name]
        except KeyError:
            return run.missing(name)
        # Inside a local scope values have been taken over before.
        if type(value) in atoms or isinstance(scope, LocalScope):
            return value
        return enter(value)

    return look_up


_NO_INPUT: Final = "No input value available. '?' can only be used inside an unary-test expression."


def compile_input(_node: nodes.Input, _: Build) -> Code:
    """Compile ``?``, the value that a unary test is about."""

    def look_up(scope: Scope, run: Run) -> Any:
        run.inputs += 1
        try:
            return enter(scope["?"])
        except KeyError:
            raise EvaluationFailedError(_NO_INPUT) from None

    return look_up


def compile_list(node: nodes.ListLiteral, build: Build) -> Code:
    """Compile a list."""
    items = [build(item) for item in node.items]

    def make(scope: Scope, run: Run) -> list[Any]:
        made = []
        for item in items:
            made.append(item(scope, run))  # noqa: PERF401  a comprehension costs a stack frame
        return made

    return make


def compile_context(node: nodes.ContextLiteral, build: Build) -> Code:
    """Compile a context, whose entries see those before them; a function does not see itself."""
    entries = [(key, build(value), isinstance(value, nodes.Lambda)) for key, value in node.entries]

    def make(scope: Scope, run: Run) -> dict[str, Any]:
        made: dict[str, Any] = {}
        inner = EntryScope(made, scope)
        for key, value, is_function in entries:
            # A function keeps its scope, so it gets a copy that ends before its own entry.
            made[key] = value(EntryScope(dict(made), scope) if is_function else inner, run)
        return made

    return make


def compile_bounds(node: nodes.RangeLiteral, build: Build) -> Callable[[Scope, Run], FeelRange]:
    """Compile the ends of a range, whatever they are."""
    low, high = build(node.low), build(node.high)
    low_closed, high_closed = node.low_closed, node.high_closed

    return lambda scope, run: FeelRange(low(scope, run), high(scope, run), low_closed, high_closed)


def compile_range(node: nodes.RangeLiteral, build: Build) -> Code:
    """Compile a range as a value: its ends are numbers, or temporal values of one kind."""
    bounds = compile_bounds(node, build)

    def make(scope: Scope, run: Run) -> FeelRange:
        made = bounds(scope, run)
        if not is_point(made.low) or kind_of(made.low) != kind_of(made.high):
            raise run.fail("INVALID_TYPE", f"Invalid range definition '{made}'")
        return made

    return make


def compile_raw(node: nodes.Node, build: Build) -> Code:
    """Compile a value of which only a part will be used, so that not all of it is converted."""
    if isinstance(node, nodes.Name):
        return _raw_name(node.name)
    if isinstance(node, nodes.Path):
        return _raw_path(node, build)
    return build(node)


def _raw_name(name: str) -> Code:
    def look_up(scope: Scope, run: Run) -> Any:
        try:
            return scope[name]
        except KeyError:
            return run.missing(name)

    return look_up


def _raw_path(node: nodes.Path, build: Build) -> Code:
    base, key = compile_raw(node.base, build), node.key
    root: nodes.Node = node.base
    while isinstance(root, nodes.Path):
        root = root.base
    name = root.name if isinstance(root, nodes.Name) else None

    def step(scope: Scope, run: Run) -> Any:
        value = base(scope, run)
        # One warning is enough for a variable that is not there: none about its parts.
        if value is None and name is not None and name not in scope:
            return None
        if type(value) is dict:
            found = value.get(key)
            # The usual case first: an entry that is there needs nothing of `read_property`.
            if found is not None and type(found) is not FeelFunction:
                return found
        return read_property(value, key, run)

    return step


def compile_path(node: nodes.Path, build: Build) -> Code:
    """Compile a path: ``a.b``."""
    raw = _raw_path(node, build)
    return lambda scope, run: enter(raw(scope, run))


_BY_ELEMENT: Final = (nodes.Comparison, nodes.Call)


def compile_filter(node: nodes.Filter, build: Build) -> Code:
    """Compile ``a[b]``: an element by number, or all elements for which ``b`` holds."""
    base, condition = compile_raw(node.base, build), build(node.condition)
    constant = node.condition.value if isinstance(node.condition, nodes.Literal) else None
    # As in feel-scala, comparisons and calls are about each element; anything else may be an
    # index that is computed once, before. Its `!=` is a negation, which is no comparison.
    by_element = isinstance(node.condition, _BY_ELEMENT)
    if isinstance(node.condition, nodes.Comparison) and node.condition.operator == "!=":
        by_element = False

    def select(scope: Scope, run: Run) -> Any:
        value = base(scope, run)
        items = value if type(value) is list else enter(value)
        if type(items) is not list:
            return run.not_of_type(items, "list")
        if is_number(constant):
            return _element(items, constant)
        index = None if by_element else condition(scope, run)
        if is_number(index):
            return _element(items, index)
        return _matching(items, condition, scope, run)

    return select


def _element(items: list[Any], index: Any) -> Any:
    place = index - 1 if index > 0 else len(items) + index
    return enter(items[int(place)]) if 0 <= place < len(items) else None


def _matching(items: list[Any], condition: Code, scope: Scope, run: Run) -> Any:
    """Keep the elements for which the condition holds; a number selects one of them instead."""
    run.step(len(items))
    found = []
    for place, raw in enumerate(items):
        item = enter(raw)
        holds = condition(ItemScope(item, scope), run)
        if holds is True:
            found.append(item)
        # As in feel-scala the first element decides whether the condition is an index.
        elif place == 0 and is_number(holds):
            return _element(items, holds)
    return found
