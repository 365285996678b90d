"""Random expressions and unary tests, each a tree that can be made smaller."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final, NamedTuple

from tests.conformance.feel.cases import OPERATORS, lines
from tests.conformance.feel.grammar import LEAVES, RULES, VARIABLES

from workflow_devkit.feel import BUILTINS

_HOLE: Final = re.compile(r"<(\w+)>")
_WRONG: Final = 0.04
"""How often a value of any kind stands where another is meant."""
_EARLY: Final = 0.25
"""How often a tree ends before its depth."""
_PLAIN: Final = 0.7
"""How often an argument is a constant of ``values.txt``."""
_SUBJECTS: Final = (30, "NEW", None, True, ["vip", 1], {"a": 1}, 7.5, "2024-05-17")


class Tree(NamedTuple):
    """A piece of FEEL: texts, with trees between them."""

    texts: tuple[str, ...]
    parts: tuple[Tree, ...] = ()

    def __str__(self) -> str:
        pieces = [self.texts[0]]
        for part, text in zip(self.parts, self.texts[1:], strict=True):
            pieces += (str(part), text)
        return "".join(pieces)

    def smaller(self) -> Iterator[Tree]:
        """A part of this tree, or this tree with a part at any depth made smaller."""
        yield from self.parts
        for place, part in enumerate(self.parts):
            for less in part.smaller():
                yield Tree(self.texts, (*self.parts[:place], less, *self.parts[place + 1 :]))


class Case(NamedTuple):
    """What is asked: an expression, or with a subject unary tests about it."""

    tree: Tree
    subject: Any = ...

    def question(self) -> dict[str, Any]:
        """The case as the oracle is asked: expression, variables and, of a unary test, subject."""
        asked = {"expression": str(self.tree), "variables": VARIABLES}
        return asked if self.subject is ... else asked | {"subject": self.subject}


class Sampler:
    """Grows cases; the same seed gives the same ones."""

    def __init__(self, seed: int | str) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._values = lines("values.txt")
        self._functions = cycle(BUILTINS)
        self._callers: dict[str, Sampler] = {}

    def distinct(self, kind: str, count: int) -> list[Case]:
        """So many different cases of one kind: ``condition``, ``call``, and so on."""
        grow, found = getattr(self, kind), {}
        while len(found) < count:
            case = grow()
            found[str(case.tree), str(case.subject)] = case
        return list(found.values())

    def condition(self) -> Case:
        """A condition, or a value as a mapping computes it."""
        kind = self._random.choice(("truth", "truth", "any"))
        return Case(self._grow(kind, self._random.randint(1, 4)))

    def call(self) -> Case:
        """A function of the language with arguments of any type: each function in turn.

        Each has a sequence of its own, so that one more function leaves those of the others alone.
        """
        name = next(self._functions)
        if name not in self._callers:
            self._callers[name] = Sampler(f"{self._seed}, {name}")
        return self._callers[name]._call(name)

    def _call(self, name: str) -> Case:
        signature = self._random.choice(BUILTINS[name])
        more = self._random.randrange(3) if signature.variadic else 0
        count = len(signature.parameters) + more
        arguments = tuple(self._argument() for _ in range(count))
        commas = (", ",) * (count - 1)
        return Case(Tree((f"{name}(", *commas, ")") if count else (f"{name}()",), arguments))

    def operation(self) -> Case:
        """An operator between values of any types."""
        operator = self._random.choice(OPERATORS)
        return Case(Tree(("", f" {operator} ", ""), (self._argument(), self._argument())))

    def unary(self) -> Case:
        """Unary tests about a value."""
        form = self._random.choice((("", ""), ("", ""), ("", ", ", ""), ("not(", ")")))
        tests = tuple(self._grow("test", 2) for _ in form[1:])
        return Case(Tree(form, tests), self._random.choice(_SUBJECTS))

    def _argument(self) -> Tree:
        if self._random.random() < _PLAIN:
            return Tree((self._random.choice(self._values),))
        return self._grow("any", 1)

    def _grow(self, kind: str, depth: int) -> Tree:
        if self._random.random() < _WRONG:
            kind = "any"
        leaves, rules = LEAVES.get(kind, ()), RULES.get(kind, ())
        ends = depth <= 0 or self._random.random() < _EARLY
        if not rules or (leaves and ends):
            return Tree((self._random.choice(leaves or rules),))
        texts = _HOLE.split(self._random.choice(rules))
        parts = tuple(self._grow(name, depth - 1) for name in texts[1::2])
        return Tree(tuple(texts[::2]), parts)
