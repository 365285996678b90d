"""Reads FEEL text into a syntax tree."""

from __future__ import annotations

from typing import Final

from workflow_devkit.feel.errors import FeelSyntaxError
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.cursor import Grammar, Parser
from workflow_devkit.feel.grammar.infix import INFIX, STRUCTURES
from workflow_devkit.feel.grammar.primary import VALUE_PREFIX, read_name, read_tail
from workflow_devkit.feel.grammar.unary_tests import UNARY_PREFIX, read_unary_tests
from workflow_devkit.feel.stack import with_room

_GRAMMAR: Final = Grammar(
    VALUE_PREFIX,
    UNARY_PREFIX,
    STRUCTURES,
    INFIX,
    read_name,
    read_tail,
)


def parse(source: str) -> nodes.Node:
    """Read an expression into its syntax tree.

    Raises:
        FeelSyntaxError: the text is not a FEEL expression.
    """
    return parse_with_names(source)[0]


def parse_with_names(source: str) -> tuple[nodes.Node, frozenset[str]]:
    """Read an expression, and which variables it uses that it does not bind itself.

    Returns:
        The tree, and the names of those variables.

    Raises:
        FeelSyntaxError: the text is not a FEEL expression.
    """
    try:
        # The caller's own calls count too: they may have left too little of Python's stack.
        return with_room(_parse, source)
    except RecursionError:
        raise FeelSyntaxError(1, 1, "the expression is too deeply nested") from None


def _parse(source: str) -> tuple[nodes.Node, frozenset[str]]:
    parser = Parser(source, _GRAMMAR)
    tree = parser.expression()
    if parser.token.kind != "end":
        parser.fail("expected an operator or the end of the expression")
    return tree, frozenset(parser.free)


def parse_unary_tests(source: str) -> nodes.Node:
    """Read unary tests, such as ``< 5, [7..9]``, ``not("a", "b")`` or ``-``.

    Raises:
        FeelSyntaxError: the text is not a list of unary tests.
    """
    try:
        return with_room(_parse_tests, source)
    except RecursionError:
        raise FeelSyntaxError(1, 1, "the tests are too deeply nested") from None


def _parse_tests(source: str) -> nodes.Node:
    parser = Parser(source, _GRAMMAR)
    tree = read_unary_tests(parser)
    if parser.token.kind != "end":
        parser.fail("expected ',' or the end of the tests")
    return tree
