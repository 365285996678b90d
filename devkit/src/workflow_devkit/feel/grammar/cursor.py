"""Precedence climbing over a list of tokens: what all rules of the grammar share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, NoReturn

from workflow_devkit.feel.errors import syntax_error
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.lexer import Token, explain_bad, tokenize
from workflow_devkit.feel.grammar.words import OPERATORS, RESERVED
from workflow_devkit.feel.limits import MAX_DEPTH

Node = nodes.Node

OR: Final = 1
AND: Final = 2
COMPARE: Final = 3
ADD: Final = 4
MULTIPLY: Final = 5
POWER: Final = 6
VALUE: Final = 7

BINDING: Final = {
    "or": OR,
    "and": AND,
    "=": COMPARE,
    "!=": COMPARE,
    "<": COMPARE,
    "<=": COMPARE,
    ">": COMPARE,
    ">=": COMPARE,
    "between": COMPARE,
    "instance": COMPARE,
    "in": COMPARE,
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "**": POWER,
}
"""How strongly an operator binds its operands."""


class Grammar(NamedTuple):
    """The rules: what may start a value or a test of the input, follow one, or join two."""

    prefix: Mapping[str, Callable[[Parser], Node]]
    tests: Mapping[str, Callable[[Parser], Node]]
    structures: Mapping[str, Callable[[Parser], Node]]
    infix: Mapping[str, Callable[[Parser, Node], Node]]
    name: Callable[[Parser], Node]
    tail: Callable[[Parser, Node], Node]


class Parser:
    """A cursor over the tokens of one expression, and the names met so far."""

    def __init__(self, source: str, grammar: Grammar) -> None:
        self.source = source
        self.grammar = grammar
        self.tokens = tokenize(source)
        self.index = 0
        self.token = self.tokens[0]
        self.depth = 0
        #: How strongly the loosest operator binds of the expression that was read last.
        self.loosest = VALUE
        self.free: set[str] = set()
        #: A count for each name, as loops with the same variable may nest.
        self._times_bound: dict[str, int] = {}
        self._bound: list[str] = []

    def advance(self) -> Token:
        """Step over the current token and give it."""
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def peek(self, distance: int = 1) -> Token:
        """Give the token ``distance`` places ahead, the end at most."""
        place = self.index + distance
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def bind(self, *names: str) -> None:
        """Make variables known from here on, until they are released."""
        self._bound.extend(names)
        for name in names:
            self._times_bound[name] = self._times_bound.get(name, 0) + 1

    def mark(self) -> int:
        """Give the place to release variables down to."""
        return len(self._bound)

    def release(self, mark: int) -> None:
        """Forget the variables that were bound after this mark."""
        for name in self._bound[mark:]:
            self._times_bound[name] -= 1
        del self._bound[mark:]

    def use(self, name: str) -> None:
        """Note a variable that is used; it comes from outside unless it is bound here."""
        if not self._times_bound.get(name):
            self.free.add(name)

    def at(self, text: str) -> bool:
        """Tell whether the current token is this operator or word; texts have their quotes."""
        return self.token.text == text

    def at_negative_number(self) -> bool:
        """Tell whether a number follows whose minus, right before it, is the current token."""
        number = self.peek()
        return self.at("-") and number.kind == "number" and number.start == self.token.end

    def accept(self, text: str) -> bool:
        """Step over this operator or word if it comes next."""
        if self.at(text):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> Token:
        """Step over this operator or word, which must come next."""
        if not self.at(text):
            self.fail(f"expected '{text}'")
        return self.advance()

    def name(self, what: str) -> str:
        """Step over a name, in backticks or not, and give it."""
        token = self.token
        is_name = token.kind == "quoted" or (token.kind == "name" and token.text not in RESERVED)
        if not is_name:
            self.fail(f"expected the name of {what}")
        return self.advance().text.strip("`")

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        """Raise the error of the current place."""
        place = token or self.token
        if place.kind in ("bad", "open"):
            raise syntax_error(self.source, place.start, explain_bad(place))
        # The start is enough to find a token by, which may be a text of any length.
        found = "the end of the expression" if place.kind == "end" else f"'{place.text[:40]}'"
        raise syntax_error(self.source, place.start, f"{message}, but found {found}")

    def expression(self, strength: int = 0) -> Node:
        """Read an expression whose operators bind more strongly than ``strength``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise syntax_error(self.source, self.token.start, "the expression is too deeply nested")
        structure = self._structure() if strength == 0 else None
        if structure is None:
            found = self.operators(self.operand(strength), strength)
        else:
            found = structure(self)
            self.loosest = 0
        self.depth -= 1
        return found

    def operators(self, left: Node, strength: int = 0) -> Node:
        """Read the operators that follow ``left`` and bind more strongly than ``strength``."""
        text = self.token.text
        binding = BINDING.get(text, 0)
        loosest = VALUE
        if isinstance(left, nodes.SimpleTest) and (strength >= COMPARE or binding >= COMPARE):
            self.fail("expected 'and' or 'or' after a test: a range is no operand")
        while binding > strength:
            loosest = min(loosest, binding)
            left = self.grammar.infix[text](self, left)
            text = self.token.text
            following = BINDING.get(text, 0)
            # feel-scala's grammar has no chains: `1 < x < 5` is refused, not read from the left.
            if binding == COMPARE <= following:
                self.fail("expected 'and' or 'or' after a comparison")
            binding = following
        self.loosest = loosest
        return left

    def _structure(self) -> Callable[[Parser], Node] | None:
        if self.token.kind != "name":
            return None
        found = self.grammar.structures.get(self.token.text)
        return found if found is not None and self.starts_structure() else None

    def operand(self, strength: int = 0) -> Node:
        """Read a value with its paths and filters, or below a comparison a test of the input."""
        token = self.token
        if token.kind == "name":
            return self.grammar.tail(self, self.grammar.name(self))
        # One table for both: no kind of token is spelled like an operator.
        start = token.text if token.kind == "op" else token.kind
        read = self.grammar.prefix.get(start)
        # `x + < 5`: no operand of an operator is a test of the input.
        if read is None and strength < COMPARE:
            read = self.grammar.tests.get(start)
        if read is None:
            self.fail("expected a value")
        return self.grammar.tail(self, read(self))

    def starts_structure(self) -> bool:
        """Tell whether the word here starts a control structure, and is no variable."""
        following = self.peek()
        # Before an operator these words are variables, unless it may start the condition of `if`.
        if following.kind in ("op", "end"):
            return self.token.text == "if" and following.text in (
                "(",
                "[",
                "{",
                "-",
                "<",
                ">",
                "<=",
                ">=",
                "?",
                "]",
            )
        return following.text not in OPERATORS

    def binary(self, left: Node, strength: int) -> Node:
        """Read all operators of one precedence that follow ``left``."""
        rest = []
        while BINDING.get(self.token.text) == strength:
            operator = self.advance().text
            rest.append((operator, self.expression(strength)))
        return nodes.Arithmetic(left, rest)

    def logic(self, left: Node, strength: int) -> Node:
        """Read a chain of ``and`` or of ``or``."""
        operator = self.token.text
        operands = [left]
        while self.token.text == operator:
            self.advance()
            operands.append(self.expression(strength))
        return nodes.Logic(operator, operands)
