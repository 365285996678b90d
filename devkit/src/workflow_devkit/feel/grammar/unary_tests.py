"""Unary tests: what follows ``in``, and what a cell of a decision table holds."""

from __future__ import annotations

from typing import Final

from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.cursor import ADD, COMPARE, Parser

Node = nodes.Node


def read_unary_tests(parser: Parser) -> Node:
    """Read ``-``, ``not(tests)`` or tests."""
    if parser.at("-") and parser.peek().kind == "end":
        parser.advance()
        # `-` in a cell of a decision table: any input will do.
        return nodes.Literal(value=True)
    if parser.at("not") and parser.peek().text == "(":
        parser.advance()
        parser.advance()
        tests = read_test_list(parser)
        parser.expect(")")
        return nodes.Negation(tests)
    return read_test_list(parser)


def read_tests(parser: Parser) -> Node:
    """Read what follows ``in``: one test, or several in parentheses."""
    if not parser.at("("):
        return _read_test(parser)
    start = parser.advance()
    first = _read_test(parser)
    if parser.at(".."):
        return finish_range(parser, start.text, _plain(first))
    if isinstance(first, nodes.SimpleTest) and parser.token.text in ("and", "or"):
        return _read_enclosed(parser, first)
    tests = _read_more_tests(parser, first)
    parser.expect(")")
    return tests


def _read_enclosed(parser: Parser, first: Node) -> Node:
    """Read ``(< 5 and ok) or no``: no list of tests but an expression, which begins so."""
    inner = parser.operators(first)
    parser.expect(")")
    left = parser.grammar.tail(parser, nodes.Enclosed(inner))
    return nodes.UnaryTest(parser.operators(left))


def read_test_list(parser: Parser) -> Node:
    """Read tests with commas between."""
    return _read_more_tests(parser, _read_test(parser))


def _read_more_tests(parser: Parser, first: Node) -> Node:
    tests = [first]
    while parser.accept(","):
        tests.append(_read_test(parser))
    return tests[0] if len(tests) == 1 else nodes.AnyOf(tests)


def _read_test(parser: Parser) -> Node:
    """Read one test: as in feel-scala, only an expression reaches past ``and`` and ``or``."""
    # A lone `true` is compared with the input; as an expression it would hold for any input.
    if parser.token.text in ("true", "false") and parser.peek().kind == "end":
        return nodes.InputTest("=", parser.expression(COMPARE))
    if parser.token.text not in _SIMPLE_STARTS:
        return nodes.UnaryTest(parser.expression())
    first = parser.operand()
    if isinstance(first, nodes.SimpleTest):
        return first
    return nodes.UnaryTest(parser.operators(first))


def _plain(test: Node) -> Node:
    return test.test if isinstance(test, nodes.UnaryTest) else test


def finish_range(parser: Parser, start: str, low: Node) -> nodes.Interval:
    """Read ``..high]`` after ``[low``."""
    # `[a or b..c]` would be read as a range from `a or b`, which feel-scala refuses.
    if parser.loosest < ADD or isinstance(low, nodes.SimpleTest):
        parser.fail("expected a value without 'and', 'or' or a comparison as the range's start")
    parser.expect("..")
    high = parser.expression(COMPARE)
    if parser.token.kind != "op" or parser.token.text not in (")", "]", "["):
        parser.fail("expected the end of the range: ']', ')' or '['")
    end = parser.advance().text
    return nodes.Interval(nodes.RangeLiteral(low, high, start == "[", end == "]"))


def _input_test(parser: Parser) -> Node:
    operator = parser.advance().text
    return nodes.InputTest(operator, parser.expression(COMPARE))


def _open_range(parser: Parser) -> Node:
    parser.advance()
    return finish_range(parser, "]", parser.expression(COMPARE))


UNARY_PREFIX: Final = {
    "]": _open_range,
    **dict.fromkeys(("<", "<=", ">", ">="), _input_test),
}
"""What starts a test and nothing else."""

_SIMPLE_STARTS: Final = frozenset({*UNARY_PREFIX, "(", "["})
"""What a comparison or a range starts with."""
