"""Functions about texts, whose positions count UTF-16 units as the real engine's do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from workflow_devkit.feel.builtins.arguments import integer, items, text
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.limits import MAX_TEXT, LimitReachedError
from workflow_devkit.feel.run import EvaluationFailedError, Run
from workflow_devkit.feel.values import shown


def _units(value: str) -> int:
    # JSON can hold halves of characters, which only `surrogatepass` encodes.
    return len(value) if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2


def _slice(value: str, start: int, end: int) -> str:
    if value.isascii():
        return value[start:end]
    units = value.encode("utf-16-le", "surrogatepass")
    # A cut through a character of two halves leaves a replacement character.
    return units[start * 2 : end * 2].decode("utf-16-le", "replace")


def _length(_run: Run, value: Any) -> int:
    return _units(text(value))


def _substring(_run: Run, value: Any, start: Any) -> str:
    given = text(value)
    length = _units(given)
    return _cut(given, _start(start, length), length)


def _substring_of_length(_run: Run, value: Any, start: Any, count: Any) -> str:
    given = text(value)
    length = _units(given)
    first = _start(start, length)
    return _cut(given, first, min(first + integer(count), length))


def _start(position: Any, length: int) -> int:
    start = integer(position)
    # Position 0 is behind the last character, as in feel-scala.
    if start == 0:
        return length
    return start - 1 if start > 0 else length + start


def _cut(value: str, start: int, end: int) -> str:
    length = _units(value)
    if not 0 <= start <= end <= length:
        place = f"begin {start}, end {end}, length {length}"
        raise EvaluationFailedError(f"java.lang.StringIndexOutOfBoundsException: {place}")
    return _slice(value, start, end)


def _upper(_run: Run, value: Any) -> str:
    return text(value).upper()


def _lower(_run: Run, value: Any) -> str:
    return text(value).lower()


def _before(_run: Run, value: Any, match: Any) -> str:
    given = text(value)
    # An empty match is at the start (recorded); Python's `partition` refuses one.
    head, found, _ = given.partition(text(match)) if match != "" else ("", "", "")
    return head if found else ""


def _after(_run: Run, value: Any, match: Any) -> str:
    given = text(value)
    return given.partition(text(match))[2] if match != "" else given


def _test_of_texts(test: Callable[[str, str], bool]) -> Callable[[Run, Any, Any], bool]:
    return lambda _run, value, match: test(text(value), text(match))


def _join(run: Run, parts: Any) -> str:
    return _join_with(run, parts, "")


def _join_with(run: Run, parts: Any, delimiter: Any) -> str:
    return _join_between(run, parts, delimiter, "", "")


def _join_between(_run: Run, parts: Any, delimiter: Any, prefix: Any, suffix: Any) -> str:
    separator = "" if delimiter is None else text(delimiter)
    plain = prefix is None and suffix is None
    before, after = ("", "") if plain else (text(prefix), text(suffix))
    # Null elements are left out, with their delimiters (recorded).
    texts = [part for part in items(parts) if part is not None]
    if not all(type(part) is str for part in texts):
        # The real engine's warning shows the list as Scala does.
        found = f"List({shown(parts)[1:-1]})"
        raise IllegalArgumentError(f"expected a list of strings but found '{found}'")
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT:
        raise LimitReachedError(f"limit of {MAX_TEXT} characters reached")
    return before + separator.join(texts) + after


STRINGS: Final = (
    Builtin("string length", ("string",), _length),
    Builtin("substring", ("string", "start position"), _substring),
    Builtin("substring", ("string", "start position", "length"), _substring_of_length),
    Builtin("upper case", ("string",), _upper),
    Builtin("lower case", ("string",), _lower),
    Builtin("substring before", ("string", "match"), _before),
    Builtin("substring after", ("string", "match"), _after),
    Builtin("contains", ("string", "match"), _test_of_texts(lambda value, match: match in value)),
    Builtin("starts with", ("string", "match"), _test_of_texts(str.startswith)),
    Builtin("ends with", ("string", "match"), _test_of_texts(str.endswith)),
    Builtin("string join", ("list",), _join),
    Builtin("string join", ("list", "delimiter"), _join_with),
    Builtin("string join", ("list", "delimiter", "prefix", "suffix"), _join_between),
)
