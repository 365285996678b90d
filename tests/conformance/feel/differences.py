"""Where we differ from the real engine; each kind is a row of docs/reference/feel.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

Answer = dict[str, Any]


class Kind(NamedTuple):
    """One reason for which answers may differ.

    Attributes:
        row: the first cell of its row in the page's table of differences.
        examples: expressions that differ so; one that no longer does fails a test.
        excuses: tells of an expression, our answer and the real one whether this is why.
    """

    row: str
    examples: tuple[str, ...]
    excuses: Callable[[str, Answer, Answer], bool]


def _pattern(text: str) -> Callable[[str, Answer, Answer], bool]:
    """Tells by the expression; what one of the engines cannot read is another matter."""
    found = re.compile(text)
    return lambda expression, ours, real: (
        found.search(expression) is not None and "syntax" not in (ours["kind"], real["kind"])
    )


def _is_invalid_range(_expression: str, ours: Answer, real: Answer) -> bool:
    shown = real if real["kind"] == "value" else ours
    return any("Invalid range definition '" in text for _, text in shown.get("warnings", ()))


def _shows_halves(_expression: str, ours: Answer, real: Answer) -> bool:
    return str(real).count("\ufffd") > str(ours).count("\ufffd")


def _names_the_input(expression: str, ours: Answer, real: Answer) -> bool:
    if "?" not in expression or not ours["kind"] == real["kind"] == "value":
        return False
    return ours["value"] == real["value"] or re.search(r" (?:and|or) ", expression) is not None


def _has_other_order(_expression: str, ours: Answer, real: Answer) -> bool:
    return _words(ours) == _words(real)


def _words(answer: Answer) -> list[str]:
    """An answer without the order of the keys in the texts of its warnings."""
    text = str(answer).replace("The context is empty", "Available keys: ")
    return sorted(re.findall(r"[^\s,{}\[\]'\"]+", text))


def _is_beyond_the_limit(_expression: str, ours: Answer, real: Answer) -> bool:
    given, wanted = ours.get("warnings", []), real.get("warnings", [])
    return len(given) == 100 and bool(given == wanted[:100])


_TAKES_ANY: Final = (
    r"string\(|is defined\(|list contains\(|index of\(|append\(|\b(?:any|all|not|count)\(|"
    r"get or else\(|\breturn\b|\[|\{"
)

KINDS: Final = (
    Kind(
        "`(x).start included`",
        ("(x).start included",),
        lambda expression, ours, _real: (
            ours["kind"] == "syntax" and re.search(r"\.\w+ (?:in|and|or)\w", expression) is not None
        ),
    ),
    Kind(
        '`get or else(null, ["a".."c"])`, `before(1, [missing..5])`: a range that is none',
        ('before([1..5], ["a".."b"])', 'not(["a".."c"])', "before(1, [missing..5])"),
        _is_invalid_range,
    ),
    Kind(
        "more than one space, or a line break, in the name of a function or a type: "
        "`list  contains(…)`",
        (
            'date and  time("2024-01-01T10:00:00")',
            'date  and time("2024-01-01T10:00:00")',
            "list  contains([1],1)",
            'string  length("a")',
            'string\nlength("a")',
            "get  or else(null, 1)",
        ),
        lambda expression, _ours, _real: re.search(r"\w(?:  |\n)\s*\w", expression) is not None,
    ),
    Kind(
        "`finished by(point: …, range: …)` by name",
        (
            "finished by(range: [5..10], point: 10)",
            "finished by(point: 10, range: [5..10])",
        ),
        _pattern(r"finished by\(\w+:"),
    ),
    Kind(
        "`5 in ? > missing`: a test that names the input",
        ("5 in ? > missing", "5 in contains(?, missing)"),
        _names_the_input,
    ),
    Kind(
        "the keys of merged contexts, in warnings",
        ("context merge([{a: 1, b: 2}, {c: 3, d: 4, e: 5}]).z", "context merge([{}, {}]).z"),
        _has_other_order,
    ),
    Kind(
        "`5 in list contains([5], ?)`, `string(?)`: the input where any value may stand",
        (
            "5 in list contains([5], ?)",
            "null in is defined(?)",
            "5 in [1, 5, ?]",
            '5 in string(?) = "5"',
            "5 in {a: ?}.a = 5",
            "string(?)",
            "not(?)",
        ),
        _pattern(rf"(?s)(?:{_TAKES_ANY}).*\\?"),
    ),
    Kind(
        "the flag `i` with `\\p{…}`",
        ('matches("п", "\\p{Lu}П|П", "i")',),
        _pattern(r'\\p.*"i'),
    ),
    Kind(
        "in patterns `\\p{java…}` other than letters, digits and cases, `\\N{…}`, the flags `d` "
        "and `U`, `[a[b]]`, groups that are not there",
        (
            'matches("a", "\\p{javaIdentifierIgnorable}|a")',
            r'matches("1", "\N{DIGIT ONE}")',
            'matches("a", "(?d)a")',
            'matches("é", "(?U)\\w")',
            'matches("b", "[a[b]]")',
            r'matches("a", "b\8|a")',
        ),
        _pattern(r"\\p\{java|\\N\{|\(\?[a-z]*[dU]|\[[^\]]*\[|\\[1-9]"),
    ),
    Kind(
        "warnings beyond the first hundred",
        ("for x in 1..101 return x + null",),
        _is_beyond_the_limit,
    ),
    Kind(
        "exponents beyond 6144, times beyond Java's",
        ("10 ** 7000",),
        lambda _expression, ours, real: (
            ours["kind"] == "failure" and re.search(r"E[+-]\d{4,}", str(real)) is not None
        ),
    ),
    Kind(
        '`replace("😀", "x*", "-")`: a pattern that matches nothing, '
        "inside a character beyond U+FFFF",
        ('replace("😀", "x*", "-")', 'split("😀a", "")'),
        _shows_halves,
    ),
    Kind(
        "numbers of more than 34 digits",
        ("10000000000000000000000000000000000000001 + 1 > null",),
        _pattern(r"[\d.]{35}"),
    ),
    Kind(
        "`random number()`",
        ("random number()",),
        _pattern(r"random number\("),
    ),
    Kind(
        "`list contains([{a: 1}], {a: 1})`, `{a: 1} in [{a: 1}]`",
        ("list contains([{a: 1}], {a: 1})",),
        _pattern(r"(?s)(?=.*\{)(?:.*list contains|.*index of|.* in )"),
    ),
)


def excuse(expression: str, ours: Answer, real: Answer) -> Kind | None:
    """The kind of a difference; None if it is none that is known."""
    for kind in KINDS:
        if kind.excuses(expression, ours, real):
            return kind
    return None
