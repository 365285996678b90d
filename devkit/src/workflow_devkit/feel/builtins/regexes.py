"""Functions about patterns: Java's syntax on an engine that can be stopped."""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter
from typing import Any, Final

import regex

from workflow_devkit.feel.builtins.arguments import text
from workflow_devkit.feel.builtins.java_patterns import names_alphabets, to_library
from workflow_devkit.feel.builtins.pattern_cost import pattern_cost
from workflow_devkit.feel.builtins.signature import Builtin, IllegalArgumentError
from workflow_devkit.feel.limits import MAX_PATTERN, MAX_TEXT, LimitReachedError
from workflow_devkit.feel.run import Run

_FLAGS: Final = {"i": regex.IGNORECASE, "x": regex.VERBOSE}
"""Those that are the library's; ``s`` and ``m`` are written into the pattern."""


def _compile(pattern: str, flags: str, complaint: str = "Invalid pattern") -> Any:
    # Before compiling, which is when the library writes repeats out.
    if len(pattern) > MAX_PATTERN or pattern_cost(pattern) > MAX_PATTERN:
        raise LimitReachedError(f"limit of {MAX_PATTERN} characters of a pattern reached")
    try:
        return _compile_cached(pattern, flags)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise IllegalArgumentError(f"{complaint} '{pattern}'") from error


# With the longest pattern: at most 5 million characters are kept.
@lru_cache(maxsize=512)
def _compile_cached(pattern: str, flags: str) -> Any:
    alphabets = regex.UNICODE if names_alphabets(pattern) else regex.ASCII
    # Intersections of classes need the library's newer syntax, which reads `[[` otherwise.
    bits = alphabets | (regex.VERSION1 if "&&" in pattern else regex.VERSION0)
    for flag in flags:
        bits |= _FLAGS.get(flag, 0)
    return regex.compile(to_library(pattern, flags), bits)


class _Timed:
    """Takes what a match needs from the time that the evaluation may spend on patterns.

    Raises:
        LimitReachedError: none is left, at the start or at the end.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.started = perf_counter()

    def __enter__(self) -> float:
        if self.run.pattern_seconds <= 0:
            raise LimitReachedError("limit of time for patterns reached")
        return self.run.pattern_seconds

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.run.pattern_seconds -= perf_counter() - self.started
        if isinstance(error, TimeoutError):
            raise LimitReachedError("limit of time for patterns reached") from None


def _matches(run: Run, value: Any, pattern: Any) -> bool:
    return _matches_with_flags(run, value, pattern, "")


def _matches_with_flags(run: Run, value: Any, pattern: Any, flags: Any) -> bool:
    subject = text(value)
    compiled = _compile(text(pattern), text(flags))
    with _Timed(run) as seconds:
        return compiled.search(subject, timeout=seconds) is not None


def _replace(run: Run, value: Any, pattern: Any, replacement: Any) -> str:
    return _replace_with_flags(run, value, pattern, replacement, "")


def _replace_with_flags(run: Run, value: Any, pattern: Any, replacement: Any, flags: Any) -> str:
    # Before the pattern: the real engine complains about these first (test_feel_corners.py).
    subject, template = text(value), text(replacement)
    compiled = _compile(text(pattern), text(flags))
    pieces = _replacement_pieces(template, compiled)
    place, size = 0, 0
    parts: list[str] = []
    with _Timed(run) as seconds:
        for match in compiled.finditer(subject, timeout=seconds):
            # As in Java a group that is not there matters only where the pattern matches.
            if pieces is None:
                raise IllegalArgumentError(f"Invalid pattern '{pattern}'")
            made = "".join(match[piece] or "" if known else piece for known, piece in pieces)
            parts += [subject[place : match.start()], made]
            place = match.end()
            size += len(made)
            if size > MAX_TEXT:
                raise LimitReachedError(f"limit of {MAX_TEXT} characters reached")
    return "".join([*parts, subject[place:]])


_REPLACEMENT: Final = regex.compile(r"\\(?s:(.))|\$\{(\w+)\}|\$(\d+)|(\$|\\)")


def _replacement_pieces(replacement: str, compiled: Any) -> list[tuple[bool, Any]] | None:
    """Cut a replacement into texts and groups; None if it names a group that is not there."""
    pieces: list[tuple[bool, Any]] = []
    place = 0
    for match in _REPLACEMENT.finditer(replacement):
        pieces.append((False, replacement[place : match.start()]))
        place = match.end()
        if match[1] is not None:
            pieces.append((False, match[1]))
        elif match[2] in compiled.groupindex:
            pieces.append((True, match[2]))
        elif match[3] is None or not _add_group(match[3], compiled.groups, pieces):
            return None
    return [*pieces, (False, replacement[place:])]


def _add_group(digits: str, groups: int, pieces: list[tuple[bool, Any]]) -> bool:
    """Take the longest number that is a group, as Java does."""
    length = 1
    while length < len(digits) and int(digits[: length + 1]) <= groups:
        length += 1
    if int(digits[:length]) > groups:
        return False
    pieces += [(True, int(digits[:length])), (False, digits[length:])]
    return True


def _split(run: Run, value: Any, delimiter: Any) -> list[str]:
    subject = text(value)
    compiled = _compile(text(delimiter), "", "Invalid pattern for delimiter")
    parts, place = [], 0
    with _Timed(run) as seconds:
        for match in compiled.finditer(subject, timeout=seconds):
            # As Java's `split`: no empty part for an empty match at the start.
            if match.end() == 0 or (match.start() == match.end() and not subject):
                continue
            parts.append(subject[place : match.start()])
            place = match.end()
    # Empty parts at the end stay, as recorded; `String.split` without a limit drops them.
    return [*parts, subject[place:]]


def _extract(run: Run, value: Any, pattern: Any) -> list[str]:
    subject = text(value)
    compiled = _compile(text(pattern), "")
    with _Timed(run) as seconds:
        return [match[0] for match in compiled.finditer(subject, timeout=seconds)]


REGEXES: Final = (
    Builtin("matches", ("input", "pattern"), _matches),
    Builtin("matches", ("input", "pattern", "flags"), _matches_with_flags),
    Builtin("replace", ("input", "pattern", "replacement"), _replace),
    Builtin("replace", ("input", "pattern", "replacement", "flags"), _replace_with_flags),
    Builtin("split", ("string", "delimiter"), _split),
    Builtin("extract", ("input", "pattern"), _extract),
)
