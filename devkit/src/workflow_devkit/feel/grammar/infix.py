"""Operators and control structures."""

from __future__ import annotations

from typing import Final

from workflow_devkit.feel.arithmetic import negated
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.cursor import (
    ADD,
    AND,
    COMPARE,
    MULTIPLY,
    OR,
    POWER,
    VALUE,
    Parser,
)
from workflow_devkit.feel.grammar.unary_tests import read_tests
from workflow_devkit.feel.numbers import is_number

Node = nodes.Node


def _comparison(parser: Parser, left: Node) -> Node:
    operator = parser.advance().text
    return nodes.Comparison(operator, left, parser.expression(COMPARE))


def _between(parser: Parser, value: Node) -> Node:
    parser.advance()
    # So strongly bound that the `and` between the ends stays for this rule.
    low = parser.expression(COMPARE)
    parser.expect("and")
    return nodes.Between(value, low, parser.expression(COMPARE))


def _instance_of(parser: Parser, value: Node) -> Node:
    parser.advance()
    parser.expect("of")
    return nodes.InstanceOf(value, _type_name(parser))


def _type_name(parser: Parser) -> str:
    for words in _SPACED_TYPES:
        if all(parser.peek(place).text == word for place, word in enumerate(words)):
            return " ".join(parser.advance().text for _ in words)
    if parser.accept("function"):
        return "function"
    parts = [parser.name("a type")]
    while parser.accept("."):
        parts.append(parser.name("a type"))
    return ".".join(parts)


# Their words stand apart, with `and` among them, which ends every other operand.
_SPACED_TYPES: Final = (
    ("date", "and", "time"),
    ("days", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
)


def _in(parser: Parser, value: Node) -> Node:
    parser.advance()
    return nodes.In(value, read_tests(parser))


def _or(parser: Parser, left: Node) -> Node:
    return parser.logic(left, OR)


def _and(parser: Parser, left: Node) -> Node:
    return parser.logic(left, AND)


def _sum(parser: Parser, left: Node) -> Node:
    return parser.binary(left, ADD)


def _product(parser: Parser, left: Node) -> Node:
    return parser.binary(left, MULTIPLY)


def _power(parser: Parser, left: Node) -> Node:
    return parser.binary(left, POWER)


INFIX: Final = {
    "or": _or,
    "and": _and,
    "between": _between,
    "instance": _instance_of,
    "in": _in,
    "+": _sum,
    "-": _sum,
    "*": _product,
    "/": _product,
    "**": _power,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _comparison),
}
"""What an operator makes of the value before it and what follows."""


def _if(parser: Parser) -> Node:
    branches = []
    # A loop: a chain of `else if` of any length is one level of nesting.
    while parser.at("if") and parser.starts_structure():
        parser.advance()
        condition = parser.expression()
        parser.expect("then")
        branches.append((condition, parser.expression()))
        parser.expect("else")
    return nodes.If(branches, parser.expression())


def _for(parser: Parser) -> Node:
    parser.advance()
    mark = parser.mark()
    iterators = _iterators(parser)
    parser.bind("partial")  # the results so far: known to the body, not to the lists
    parser.expect("return")
    body = parser.expression()
    parser.release(mark)
    return nodes.For(iterators, body)


def _quantified(parser: Parser) -> Node:
    some = parser.advance().text == "some"
    mark = parser.mark()
    iterators = _iterators(parser)
    parser.expect("satisfies")
    condition = parser.expression()
    parser.release(mark)
    return nodes.Quantified(some, iterators, condition)


def _iterators(parser: Parser) -> list[tuple[str, Node]]:
    iterators = [_iterator(parser)]
    while parser.accept(","):
        iterators.append(_iterator(parser))
    parser.bind(*(name for name, _ in iterators))
    return iterators


def _iterator(parser: Parser) -> tuple[str, Node]:
    name = parser.name("a loop variable")
    parser.expect("in")
    has_minus, is_number_with_minus = parser.at("-"), parser.at_negative_number()
    start = parser.expression(COMPARE)
    if parser.accept(".."):
        return name, nodes.Steps(start, parser.expression(COMPARE))
    if is_number_with_minus:
        start = _with_negative_number(start)
    # A minus that is not a number's own is an operator too: `some x in -age …` is refused.
    if parser.loosest < VALUE or has_minus is not is_number_with_minus:
        parser.fail("expected '..' or a list without operators before it")
    return name, start


def _with_negative_number(node: Node) -> Node:
    """Take ``-1[a]`` for a filter of -1: where no operator may stand, the minus is the number's."""
    base = node.operand if isinstance(node, nodes.Minus) else node
    inner = base
    while isinstance(inner, nodes.Filter | nodes.Path):
        inner = inner.base
    if base is node or not isinstance(inner, nodes.Literal) or not is_number(inner.value):
        return node
    inner.value = negated(inner.value)
    return base


STRUCTURES: Final = {"if": _if, "for": _for, "some": _quantified, "every": _quantified}
"""What starts with a word of its own."""
