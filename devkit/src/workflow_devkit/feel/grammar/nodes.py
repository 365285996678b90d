"""The syntax tree of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(slots=True)
class Literal:
    """A constant: null, boolean, number, string or temporal value."""

    value: Any


@dataclass(slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(slots=True)
class Input:
    """The value that a unary test is about: ``?``."""


@dataclass(slots=True)
class ListLiteral:
    """``[a, b]``."""

    items: list[Node]


@dataclass(slots=True)
class ContextLiteral:
    """``{a: 1, "b c": 2}``."""

    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class RangeLiteral:
    """``[a..b]`` as a value: an argument of a function."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(slots=True)
class SimpleTest:
    """A test of the input that nothing but ``and``, ``or`` or an end may follow."""


@dataclass(slots=True)
class Interval(SimpleTest):
    """``[a..b]`` as a test of the input."""

    range: RangeLiteral


@dataclass(slots=True)
class InputTest(SimpleTest):
    """``< 5`` and its like: a test of the input."""

    operator: str
    operand: Node


@dataclass(slots=True)
class Enclosed:
    """What parentheses make a value like any other: a test of the input, the start of a path."""

    test: Node


@dataclass(slots=True)
class UnaryTest:
    """An expression as a test: true, or equal to the input, or a list that has the input.

    One that asks for the input (``? > 5``) is not compared with it.
    """

    test: Node


@dataclass(slots=True)
class AnyOf:
    """Tests of which one must hold."""

    tests: list[Node]


@dataclass(slots=True)
class Negation:
    """``not(tests)`` of unary tests."""

    test: Node


@dataclass(slots=True)
class In:
    """``value in tests``."""

    value: Node
    test: Node


@dataclass(slots=True)
class Logic:
    """``a and b and c`` or ``a or b or c``: flat, however long."""

    operator: str
    operands: list[Node]


@dataclass(slots=True)
class Comparison:
    """``a < b``."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Between:
    """``a between b and c``."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class InstanceOf:
    """``a instance of number``."""

    value: Node
    type_name: str


@dataclass(slots=True)
class Arithmetic:
    """Operators of one precedence applied from left to right: flat, however long."""

    first: Node
    rest: list[tuple[str, Node]]


@dataclass(slots=True)
class Minus:
    """``-a``."""

    operand: Node


@dataclass(slots=True)
class If:
    """``if a then b else if c then d else e``: flat, however long; conditions with values."""

    branches: list[tuple[Node, Node]]
    otherwise: Node


@dataclass(slots=True)
class Steps:
    """``a..b`` of a loop: the numbers between, up or down."""

    start: Node
    end: Node


@dataclass(slots=True)
class For:
    """``for x in xs, y in ys return e``."""

    iterators: list[tuple[str, Node]]
    body: Node


@dataclass(slots=True)
class Quantified:
    """``some x in xs satisfies e`` or ``every x in xs satisfies e``."""

    some: bool
    iterators: list[tuple[str, Node]]
    condition: Node


@dataclass(slots=True)
class Path:
    """``a.b``."""

    base: Node
    key: str


@dataclass(slots=True)
class Filter:
    """``a[b]``."""

    base: Node
    condition: Node


@dataclass(slots=True)
class Call:
    """``f(a, b)``, ``f(x: a)`` or ``context.f(a)``; ``target`` is the context."""

    name: str
    positional: list[Node]
    named: dict[str, Node] | None
    target: Node | None


@dataclass(slots=True)
class Lambda:
    """``function(x) e``."""

    parameters: list[str]
    body: Node


Node: TypeAlias = (
    Literal
    | Name
    | Input
    | ListLiteral
    | ContextLiteral
    | RangeLiteral
    | Interval
    | InputTest
    | Enclosed
    | UnaryTest
    | AnyOf
    | Negation
    | In
    | Logic
    | Comparison
    | Between
    | InstanceOf
    | Arithmetic
    | Minus
    | If
    | Steps
    | For
    | Quantified
    | Path
    | Filter
    | Call
    | Lambda
)
