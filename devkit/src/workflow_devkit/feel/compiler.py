"""Turns a syntax tree into nested closures: no ``eval``, no tree to walk at evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from workflow_devkit.feel import compile_control as control
from workflow_devkit.feel import compile_operators as operators
from workflow_devkit.feel import compile_values as values
from workflow_devkit.feel import nodes
from workflow_devkit.feel.compile_calls import compile_call
from workflow_devkit.feel.run import Code

_COMPILERS: Final[dict[type, Callable[[Any, values.Build], Code]]] = {
    nodes.Literal: values.compile_literal,
    nodes.Name: values.compile_name,
    nodes.Input: values.compile_input,
    nodes.ListLiteral: values.compile_list,
    nodes.ContextLiteral: values.compile_context,
    nodes.RangeLiteral: values.compile_range,
    nodes.Path: values.compile_path,
    nodes.Filter: values.compile_filter,
    nodes.Logic: operators.compile_logic,
    nodes.Comparison: operators.compile_comparison,
    nodes.Between: operators.compile_between,
    nodes.InstanceOf: operators.compile_instance_of,
    nodes.Arithmetic: operators.compile_arithmetic,
    nodes.Minus: operators.compile_minus,
    nodes.InputTest: operators.compile_input_test,
    nodes.Interval: operators.compile_interval,
    nodes.Enclosed: operators.compile_enclosed,
    nodes.If: control.compile_if,
    nodes.Steps: control.compile_steps,
    nodes.For: control.compile_for,
    nodes.Quantified: control.compile_quantified,
    nodes.In: control.compile_in,
    nodes.UnaryTest: control.compile_unary_test,
    nodes.AnyOf: control.compile_any_of,
    nodes.Negation: control.compile_negation,
    nodes.Lambda: control.compile_lambda,
    nodes.Call: compile_call,
}


def compile_tree(node: nodes.Node) -> Code:
    """Compile a tree, its parts first."""
    return _COMPILERS[type(node)](node, compile_tree)
