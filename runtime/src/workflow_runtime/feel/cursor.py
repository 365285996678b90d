"""Precedence climbing over a list of tokens: what all rules of the grammar share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, NoReturn

from workflow_runtime.feel import nodes
from workflow_runtime.feel.errors import syntax_error
from workflow_runtime.feel.lexer import Token, tokenize
from workflow_runtime.feel.limits import MAX_DEPTH
from workflow_runtime.feel.names import OPERATORS

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
        self.free: set[str] = set()
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

    def since(self, index: int) -> list[Token]:
        """Give the tokens that were read after the one at ``index``, that one included."""
        return self.tokens[index : self.index]

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

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        """Raise the error of the current place."""
        place = token or self.token
        found = "the end of the expression" if place.kind == "end" else f"'{place.text[:40]}'"
        raise syntax_error(self.source, place.start, f"{message}, but found {found}")

    def expression(self, strength: int = 0) -> Node:
        """Read an expression whose operators bind more strongly than ``strength``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise syntax_error(self.source, self.token.start, "the expression is too deeply nested")
        left = self._prefix(strength)
        if isinstance(left, nodes.Interval) and (
            strength >= COMPARE or BINDING.get(self.token.text, 0) >= COMPARE
        ):
            left = left.range
        text = self.token.text
        binding = BINDING.get(text, 0)
        while binding > strength:
            left = self.grammar.infix[text](self, left)
            text = self.token.text
            following = BINDING.get(text, 0)
            if binding == COMPARE == following:
                self.fail("expected 'and' or 'or' between comparisons")
            binding = following
        self.depth -= 1
        return left

    def _prefix(self, strength: int) -> Node:
        token = self.token
        if token.kind == "name":
            structure = self.grammar.structures.get(token.text)
            if structure is not None and strength == 0 and self.starts_structure():
                return structure(self)
            base = self.grammar.name(self)
        else:
            start = token.text if token.kind == "op" else token.kind
            read = self.grammar.prefix.get(start)
            if read is None and strength < COMPARE:
                read = self.grammar.tests.get(start)
            if read is None:
                self.fail("expected a value")
            base = read(self)
        return self.grammar.tail(self, base)

    def starts_structure(self) -> bool:
        """Tell whether the word here starts a control structure, and is no variable."""
        following = self.peek()
        if following.kind in ("op", "end"):
            return following.text in ("(", "[", "{", "-", "<", ">", "<=", ">=", "?", "]")
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
