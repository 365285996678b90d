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
    """A list: ``[a, b]``."""

    items: list[Node]


@dataclass(slots=True)
class ContextLiteral:
    """A context: ``{a: 1, "b c": 2}``."""

    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class RangeLiteral:
    """A range as a value, which is an argument of a function: ``[a..b]``."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(slots=True)
class SimpleTest:
    """A test of the input that nothing but ``and``, ``or`` or an end may follow."""


@dataclass(slots=True)
class Interval(SimpleTest):
    """A range as a test of the input: ``[a..b]``."""

    range: RangeLiteral


@dataclass(slots=True)
class InputTest(SimpleTest):
    """A comparison as a test of the input: ``< 5``."""

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
    """Unary tests that must not hold: ``not(tests)``."""

    test: Node


@dataclass(slots=True)
class In:
    """A value with tests that it must pass: ``value in tests``."""

    value: Node
    test: Node


@dataclass(slots=True)
class Logic:
    """``a and b and c`` or ``a or b or c``: flat, however long."""

    operator: str
    operands: list[Node]


@dataclass(slots=True)
class Comparison:
    """A comparison of two values: ``a < b``."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Between:
    """A comparison of a value with two ends: ``a between b and c``."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class InstanceOf:
    """A test of the type of a value: ``a instance of number``."""

    value: Node
    type_name: str


@dataclass(slots=True)
class Arithmetic:
    """Operators of one precedence applied from left to right: flat, however long."""

    first: Node
    rest: list[tuple[str, Node]]


@dataclass(slots=True)
class Minus:
    """A change of sign: ``-a``."""

    operand: Node


@dataclass(slots=True)
class If:
    """Conditions and their values, ``if a then b else if c then d else e``: flat, however long."""

    branches: list[tuple[Node, Node]]
    otherwise: Node


@dataclass(slots=True)
class Steps:
    """The numbers of a loop from one to another, up or down: ``a..b``."""

    start: Node
    end: Node


@dataclass(slots=True)
class For:
    """A loop: ``for x in xs, y in ys return e``."""

    iterators: list[tuple[str, Node]]
    body: Node


@dataclass(slots=True)
class Quantified:
    """A quantifier: ``some x in xs satisfies e`` or ``every x in xs satisfies e``."""

    some: bool
    iterators: list[tuple[str, Node]]
    condition: Node


@dataclass(slots=True)
class Path:
    """An entry of a context or a part of a value: ``a.b``."""

    base: Node
    key: str


@dataclass(slots=True)
class Filter:
    """Elements of a list, by number or by condition: ``a[b]``."""

    base: Node
    condition: Node


@dataclass(slots=True)
class Call:
    """A call: ``f(a, b)``, ``f(x: a)`` or ``context.f(a)``, where ``target`` is the context."""

    name: str
    positional: list[Node]
    named: dict[str, Node] | None
    target: Node | None


@dataclass(slots=True)
class Lambda:
    """A function that the expression defines: ``function(x) e``."""

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
