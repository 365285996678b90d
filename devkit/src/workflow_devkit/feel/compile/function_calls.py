"""Compiles calls: of functions of the expression itself, of contexts, and of the built-in ones."""

from __future__ import annotations

from typing import Any

from workflow_devkit.feel.builtins import BUILTINS
from workflow_devkit.feel.builtins.signature import Builtin, call_builtin
from workflow_devkit.feel.compile.operands import Build
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.run import Code, Run, Scope, WrongTypeError, local_function
from workflow_devkit.feel.values import FeelFunction, shown


def compile_call(node: nodes.Call, build: Build) -> Code:
    """Compile a call; unknown functions and wrong arguments give null and a warning."""
    if node.target is not None:
        return _target_call(node, build)
    return _call_by_name(node, build)


def _call_by_name(node: nodes.Call, build: Build) -> Code:
    arguments = _compile_arguments(node, build)
    names = list(node.named) if node.named is not None else None
    # Found once: only the expression's own functions depend on the scope.
    builtin = _find_builtin(node.name, len(arguments), names)
    name = node.name

    def call(scope: Scope, run: Run) -> Any:
        # A function of the expression hides a built-in one only where it takes these arguments.
        function = local_function(scope, name)
        if function is not None and not _takes(function, names, len(arguments)):
            function = None
        if function is None and builtin is None:
            # The arguments are not evaluated for a function that is not there: one warning.
            return run.warn("NO_FUNCTION_FOUND", _no_function(name, names, len(arguments)))
        try:
            values = _values(arguments, scope, run)
        except WrongTypeError as error:
            return _failed(name, error, run)
        if function is not None:
            return _invoke(function, names, values, run)
        assert builtin is not None
        return call_builtin(builtin, names, values, run)

    return call


def _compile_arguments(node: nodes.Call, build: Build) -> list[Code]:
    given = node.positional if node.named is None else node.named.values()
    return [build(argument) for argument in given]


def _find_builtin(name: str, count: int, names: list[str] | None) -> Builtin | None:
    for builtin in BUILTINS.get(name, ()):
        if builtin.takes(count, names):
            return builtin
    return None


def _values(arguments: list[Code], scope: Scope, run: Run) -> list[Any]:
    values = []
    for argument in arguments:
        values.append(argument(scope, run))  # noqa: PERF401  a comprehension costs a stack frame
    return values


def _no_function(name: str, names: list[str] | None, count: int) -> str:
    given = f"{count} parameters" if names is None else f"parameters: {','.join(names)}"
    return f"No function found with name '{name}' and {given}"


def _takes(function: FeelFunction, names: list[str] | None, count: int) -> bool:
    if names is None:
        return count == len(function.parameters)
    return set(names) <= set(function.parameters)


def _invoke(
    function: FeelFunction,
    names: list[str] | None,
    values: list[Any],
    run: Run,
) -> Any:
    if names is not None:
        given = dict(zip(names, values, strict=True))
        values = [given.get(name) for name in function.parameters]
    return function.invoke(values, run)


def _failed(name: str, error: WrongTypeError, run: Run) -> Any:
    text = f"Failed to invoke function '{name}': {error}"
    return run.warn("FUNCTION_INVOCATION_FAILURE", text)


def _target_call(node: nodes.Call, build: Build) -> Code:
    assert node.target is not None
    target, name = build(node.target), node.name
    arguments = _compile_arguments(node, build)
    names = list(node.named) if node.named is not None else None

    def call(scope: Scope, run: Run) -> Any:
        function = _member(target(scope, run), name, run)
        if function is None or not _takes(function, names, len(arguments)):
            # An operator around takes it as null; elsewhere the whole expression fails.
            raise run.fail("NO_FUNCTION_FOUND", _no_function(name, names, len(arguments)))
        return _invoke(function, names, _values(arguments, scope, run), run)

    return call


def _member(value: Any, name: str, run: Run) -> FeelFunction | None:
    if type(value) is not dict:
        raise run.fail("INVALID_TYPE", f"Expected context but found '{shown(value)}'")
    function = value.get(name)
    return function if type(function) is FeelFunction else None
