"""Turns a syntax tree into nested closures: no ``eval``, no tree to walk at evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from workflow_devkit.feel.compile import control_flow, operands, operators
from workflow_devkit.feel.compile.function_calls import compile_call
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.run import Code

_COMPILERS: Final[dict[type, Callable[[Any, operands.Build], Code]]] = {
    nodes.Literal: operands.compile_literal,
    nodes.Name: operands.compile_name,
    nodes.Input: operands.compile_input,
    nodes.ListLiteral: operands.compile_list,
    nodes.ContextLiteral: operands.compile_context,
    nodes.RangeLiteral: operands.compile_range,
    nodes.Path: operands.compile_path,
    nodes.Filter: operands.compile_filter,
    nodes.Logic: operators.compile_logic,
    nodes.Comparison: operators.compile_comparison,
    nodes.Between: operators.compile_between,
    nodes.InstanceOf: operators.compile_instance_of,
    nodes.Arithmetic: operators.compile_arithmetic,
    nodes.Minus: operators.compile_minus,
    nodes.InputTest: operators.compile_input_test,
    nodes.Interval: operators.compile_interval,
    nodes.Enclosed: operators.compile_enclosed,
    nodes.If: control_flow.compile_if,
    nodes.Steps: control_flow.compile_steps,
    nodes.For: control_flow.compile_for,
    nodes.Quantified: control_flow.compile_quantified,
    nodes.In: control_flow.compile_in,
    nodes.UnaryTest: control_flow.compile_unary_test,
    nodes.AnyOf: control_flow.compile_any_of,
    nodes.Negation: control_flow.compile_negation,
    nodes.Lambda: control_flow.compile_lambda,
    nodes.Call: compile_call,
}


def compile_tree(node: nodes.Node) -> Code:
    """Compile a tree, its parts first."""
    # Handed down to the compilers of parts, so that their modules need not import this one.
    return _COMPILERS[type(node)](node, compile_tree)
