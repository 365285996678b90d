"""Values: literals, lists, contexts, names, calls, paths and filters."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from workflow_devkit.feel.arithmetic import negated
from workflow_devkit.feel.builtins import BUILTINS
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.cursor import VALUE, Parser
from workflow_devkit.feel.grammar.lexer import unescape
from workflow_devkit.feel.grammar.unary_tests import finish_range
from workflow_devkit.feel.grammar.words import (
    NEVER_IN_CALLS,
    OPERATORS,
    RESERVED,
    SPACED_PROPERTIES,
)
from workflow_devkit.feel.limits import MAX_DIGITS
from workflow_devkit.feel.numbers import is_number
from workflow_devkit.feel.temporal.dates_and_times import (
    parse_at_literal,
    parse_date,
    parse_date_time,
    parse_time,
)
from workflow_devkit.feel.temporal.durations import parse_duration

Node = nodes.Node


_DIGITS: Final = 34
"""Digits of a decimal128: a whole number that is shorter loses none as an ``int``."""


def _number(parser: Parser) -> Node:
    text = parser.token.text
    if len(text) > MAX_DIGITS:
        parser.fail(f"expected a number of at most {MAX_DIGITS} digits")
    parser.advance()
    is_short = text.isdecimal() and len(text) < _DIGITS
    return nodes.Literal(int(text) if is_short else Decimal(text))


def _string(parser: Parser) -> Node:
    return nodes.Literal(unescape(parser.advance().text[1:-1]))


def _at(parser: Parser) -> Node:
    text = parser.advance().text
    return nodes.Literal(parse_at_literal(text[text.index('"') + 1 : -1]))


def _input(parser: Parser) -> Node:
    parser.advance()
    return nodes.Input()


def _minus(parser: Parser) -> Node:
    sign = parser.advance()
    # As in feel-scala a second minus is a number's own: `--5` is read, `--age` is not.
    if parser.at("-") and not parser.at_negative_number():
        parser.fail("expected a value", sign)
    operand = parser.expression(VALUE)
    # `-1` becomes a constant, which comparisons have a shorter way for.
    if isinstance(operand, nodes.Literal) and is_number(operand.value):
        return nodes.Literal(negated(operand.value))
    return nodes.Minus(operand)


def _parenthesis(parser: Parser) -> Node:
    start = parser.advance()
    inner = parser.expression()
    if parser.at(".."):
        return finish_range(parser, start.text, inner)
    parser.expect(")")
    # Only here parentheses matter later: `(user).f(1)` is refused, since that is no path of names.
    is_closed = isinstance(inner, nodes.SimpleTest) or parser.at(".")
    return nodes.Enclosed(inner) if is_closed else inner


def _bracket(parser: Parser) -> Node:
    start = parser.advance()
    if parser.accept("]"):
        return nodes.ListLiteral([])
    items = [parser.expression()]
    if parser.at(".."):
        return finish_range(parser, start.text, items[0])
    while parser.accept(","):
        items.append(parser.expression())
    parser.expect("]")
    return nodes.ListLiteral(items)


def _context(parser: Parser) -> Node:
    parser.advance()
    mark = parser.mark()
    entries: list[tuple[str, Node]] = []
    while not parser.at("}"):
        if entries:
            parser.expect(",")
        key = _key(parser)
        parser.expect(":")
        entries.append((key, parser.expression()))
        # From here on: an entry sees those before it, and not itself.
        parser.bind(key)
    parser.advance()
    parser.release(mark)
    return nodes.ContextLiteral(entries)


_KEY_ENDS: Final = frozenset({":", ",", "{", "}", "[", "]"})
"""What no key contains unless it is in quotes."""
_NOT_IN_KEYS: Final = frozenset({"string", "quoted", "at", "open", "end"})
"""Kinds of tokens that no key contains."""


def _key(parser: Parser) -> str:
    first = parser.token
    if first.kind in ("string", "quoted"):
        return parser.advance().text[1:-1]
    last = first
    while parser.token.text not in _KEY_ENDS and parser.token.kind not in _NOT_IN_KEYS:
        last = parser.advance()
    if parser.token is first:
        parser.fail("expected the key of a context entry")
    # Out of the source: between the words of a key its own spaces stay.
    return parser.source[first.start : last.end]


def _quoted(parser: Parser) -> Node:
    return _variable(parser, parser.advance().text[1:-1])


def _variable(parser: Parser, name: str) -> Node:
    parser.use(name)
    return nodes.Name(name)


_CONSTANTS: Final = {"null": None, "true": True, "false": False}
_SPECIAL: Final = RESERVED | OPERATORS


def read_name(parser: Parser) -> Node:
    """Read what starts with a word: constant, function, call, variable."""
    token, following = parser.token, parser.peek()
    # Most names are variables before an operator: they need none of the look-ahead below.
    if following.kind == "op" and following.text != "(" and token.text not in _SPECIAL:
        parser.advance()
        return _variable(parser, token.text)
    words = _words_before_call(parser)
    if words:
        return _call(parser, words)
    if token.text in _CONSTANTS:
        parser.advance()
        return nodes.Literal(_CONSTANTS[token.text])
    if token.text == "function" and parser.peek().text == "(":
        return _lambda(parser)
    if token.text in RESERVED:
        parser.fail("expected a value")
    parser.advance()
    return _variable(parser, token.text)


_MOST_WORDS: Final = 8
"""More than any function has; it bounds how far each name looks ahead."""


def _words_before_call(parser: Parser) -> int:
    """Count the words that, with spaces between, name the function called here."""
    count = 1
    following = parser.peek()
    while following.kind == "name" and count < _MOST_WORDS:
        count += 1
        following = parser.peek(count)
    if following.text != "(" or following.kind != "op":
        return 0
    return _callable_words(parser, count)


def _callable_words(parser: Parser, count: int) -> int:
    words = [parser.peek(place).text for place in range(count)]
    if " ".join(words) in BUILTINS:
        return count
    # What is no built-in may be a function of the expression: `x between (1)` calls one.
    is_name = words[0] not in RESERVED and NEVER_IN_CALLS.isdisjoint(words)
    return count if is_name else 0


def _call(parser: Parser, words: int) -> Node:
    name = " ".join(parser.advance().text for _ in range(words))
    parse = _TEMPORAL_LITERALS.get(name)
    if parse is not None and parser.peek().kind == "string" and parser.peek(2).text == ")":
        return _temporal_literal(parser, parse)
    positional, named = _arguments(parser)
    return nodes.Call(name, positional, named, None)


_TEMPORAL_LITERALS: Final[dict[str, Callable[[str], Any]]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


def _temporal_literal(parser: Parser, parse: Callable[[str], Any]) -> Node:
    """Read ``date("2024-02-29")``: a constant, null without a warning if there is no such day."""
    parser.advance()
    text = parser.advance().text[1:-1]
    parser.advance()
    try:
        return nodes.Literal(parse(text))
    except ValueError:
        return nodes.Literal(None)


def _arguments(parser: Parser) -> tuple[list[Node], dict[str, Node] | None]:
    parser.advance()
    if parser.accept(")"):
        return [], None
    if _parameter_words(parser):
        return [], _named_arguments(parser)
    positional = [_argument(parser)]
    while parser.accept(","):
        positional.append(_argument(parser))
    parser.expect(")")
    return positional, None


def _parameter_words(parser: Parser) -> int:
    """Count the words that name the parameter here, 0 if a plain argument comes."""
    count = 0
    while parser.peek(count).kind in ("name", "quoted"):
        count += 1
    return count if count and parser.peek(count).text == ":" else 0


def _named_arguments(parser: Parser) -> dict[str, Node]:
    named: dict[str, Node] = {}
    while True:
        words = _parameter_words(parser)
        if not words:
            parser.fail("expected the name of a parameter")
        name = " ".join(parser.name("a parameter") for _ in range(words))
        parser.expect(":")
        named[name] = _argument(parser)
        if not parser.accept(","):
            break
    parser.expect(")")
    return named


def _argument(parser: Parser) -> Node:
    return _as_value(parser.expression())


def _as_value(node: Node) -> Node:
    """Take a range for a value, not for a test of the input."""
    return node.range if isinstance(node, nodes.Interval) else node


def _lambda(parser: Parser) -> Node:
    parser.advance()
    parser.advance()
    parameters: list[str] = []
    while not parser.accept(")"):
        if parameters:
            parser.expect(",")
        parameters.append(_parameter(parser))
    mark = parser.mark()
    parser.bind(*parameters)
    body = parser.expression()
    parser.release(mark)
    return nodes.Lambda(parameters, body)


def _parameter(parser: Parser) -> str:
    words = [parser.name("a parameter")]
    while parser.token.kind == "name":
        words.append(parser.name("a parameter"))
    return " ".join(words)


# After a `[` that closes an open range, as in `(x in ]1..5[)`; "" is the end of the source.
_FILTER_ENDS: Final = frozenset({")", "]", "}", ",", ""}) | OPERATORS


_TAILS: Final = frozenset({".", "["})


def read_tail(parser: Parser, base: Node) -> Node:
    """Read the paths and filters that follow a value."""
    if isinstance(base, nodes.SimpleTest):
        return base
    while (text := parser.token.text) in _TAILS and parser.token.kind == "op":
        if text == ".":
            base = _path(parser, base)
        elif parser.peek().text not in _FILTER_ENDS:
            base = _filter(parser, base)
        else:
            break
    return base


def _path(parser: Parser, base: Node) -> Node:
    parser.advance()
    key = parser.name("a property")
    if SPACED_PROPERTIES.get(key) == parser.token.text and parser.token.kind == "name":
        key = f"{key} {parser.advance().text}"
    if parser.at("("):
        if not _is_qualified_name(base):
            parser.fail("expected no call: only what a name or a path of names holds is called")
        positional, named = _arguments(parser)
        return nodes.Call(key, positional, named, base)
    return nodes.Path(base, key)


def _is_qualified_name(node: Node) -> bool:
    while isinstance(node, nodes.Path):
        node = node.base
    return isinstance(node, nodes.Name)


def _filter(parser: Parser, base: Node) -> Node:
    parser.advance()
    mark = parser.mark()
    parser.bind("item")
    condition = parser.expression()
    parser.release(mark)
    parser.expect("]")
    return nodes.Filter(base, condition)


VALUE_PREFIX: Final = {
    "number": _number,
    "string": _string,
    "quoted": _quoted,
    "at": _at,
    "?": _input,
    "-": _minus,
    "(": _parenthesis,
    "[": _bracket,
    "{": _context,
}
"""What a value may start with, by kind of token or operator."""
