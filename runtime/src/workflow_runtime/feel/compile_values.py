"""Compiles literals, variables, lists, contexts, ranges, paths and filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from workflow_runtime.feel import nodes
from workflow_runtime.feel.properties import read_property
from workflow_runtime.feel.run import (
    Code,
    ItemScope,
    LocalScope,
    Run,
    Scope,
    WrongTypeError,
)
from workflow_runtime.feel.values import ATOMS, FeelRange, enter, is_number

Build: TypeAlias = Callable[[nodes.Node], Code]


_FRAGILE: Final = (
    nodes.Filter,
    nodes.For,
    nodes.Quantified,
    nodes.If,
    nodes.In,
    nodes.InstanceOf,
    nodes.ListLiteral,
    nodes.ContextLiteral,
)


def build_operand(node: nodes.Node, build: Build) -> Code:
    """Compile a value that an operator takes: null instead of an end of the evaluation."""
    code, inner = build(node), node
    while isinstance(inner, nodes.Path):
        inner = inner.base
    return _tolerant(code) if isinstance(inner, _FRAGILE) else code


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
        if type(value) in atoms or isinstance(scope, LocalScope):
            return value
        return enter(value)

    return look_up


def compile_input(_node: nodes.Input, _: Build) -> Code:
    """Compile ``?``."""

    def look_up(scope: Scope, run: Run) -> Any:
        try:
            return enter(scope["?"])
        except KeyError:
            return run.warn("NO_VARIABLE_FOUND", "No input value found.")

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
    """Compile a context, whose entries see those before them."""
    entries = [(key, build(value)) for key, value in node.entries]

    def make(scope: Scope, run: Run) -> dict[str, Any]:
        made: dict[str, Any] = {}
        inner = LocalScope(made, scope)
        for key, value in entries:
            made[key] = value(inner, run)
        return made

    return make


def compile_range(node: nodes.RangeLiteral, build: Build) -> Code:
    """Compile a range."""
    low, high = build_operand(node.low, build), build_operand(node.high, build)
    low_closed, high_closed = node.low_closed, node.high_closed
    return lambda scope, run: FeelRange(low(scope, run), high(scope, run), low_closed, high_closed)


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
        if value is None and name is not None and name not in scope:
            return None
        if type(value) is dict and key in value:
            return value[key]
        return read_property(value, key, run)

    return step


def compile_path(node: nodes.Path, build: Build) -> Code:
    """Compile ``a.b``."""
    raw = _raw_path(node, build)
    return lambda scope, run: enter(raw(scope, run))


_TRUTHS: Final = (
    nodes.Comparison,
    nodes.Logic,
    nodes.Between,
    nodes.InstanceOf,
    nodes.In,
    nodes.Quantified,
    nodes.InputTest,
)


def compile_filter(node: nodes.Filter, build: Build) -> Code:
    """Compile ``a[b]``: an element by number, or all elements for which ``b`` holds."""
    base, condition = compile_raw(node.base, build), build(node.condition)
    if isinstance(node.condition, nodes.Literal) and is_number(node.condition.value):
        index = int(node.condition.value)
        return lambda scope, run: _element(_elements(base(scope, run), run), index)
    if isinstance(node.condition, _TRUTHS):
        return lambda scope, run: _matching(_elements(base(scope, run), run), condition, scope, run)
    return _open_filter(base, condition)


def _open_filter(base: Code, condition: Code) -> Code:
    def select(scope: Scope, run: Run) -> Any:
        items = _elements(base(scope, run), run)
        trial = Run(run.clock)
        trial.steps, trial.pattern_seconds = run.steps, run.pattern_seconds
        index = condition(scope, trial)
        if not is_number(index) and items:
            index = condition(ItemScope(enter(items[0]), scope), trial)
        run.steps, run.pattern_seconds = trial.steps, trial.pattern_seconds
        if is_number(index):
            return _element(items, int(index))
        return _matching(items, condition, scope, run)

    return select


def _elements(value: Any, run: Run) -> list[Any]:
    if type(value) is list:
        return value
    entered = enter(value)
    if type(entered) is list:
        return entered
    raise run.fail(entered, "list")


def _element(items: list[Any], index: int) -> Any:
    if 1 <= index <= len(items):
        return enter(items[index - 1])
    if -len(items) <= index <= -1:
        return enter(items[index])
    return None


def _matching(items: list[Any], condition: Code, scope: Scope, run: Run) -> list[Any]:
    run.step(len(items))
    found = []
    for raw in items:
        item = enter(raw)
        if condition(ItemScope(item, scope), run) is True:
            found.append(item)
    return found
