"""Lengths of time in names, as people write them: ``Wait 10 minutes``, ``daily``, ``half an hour``.

English, and numbers with units. What may mean something else is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["Spoken", "lengths_in", "rhythms_in"]

_DAY: Final = 86_400
_UNITS: Final = {
    "second": (1, 1, "PT{}S"),
    "minute": (60, 60, "PT{}M"),
    "hour": (3600, 3600, "PT{}H"),
    "day": (_DAY, _DAY, "P{}D"),
    "week": (7 * _DAY, 7 * _DAY, "P{}W"),
    "month": (28 * _DAY, 31 * _DAY, "P{}M"),
    "year": (365 * _DAY, 366 * _DAY, "P{}Y"),
}
"""The least and the most seconds of a unit, and how its number is written in ISO 8601."""
_SHORT: Final = {
    "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day",
    "wk": "week", "mo": "month", "yr": "year",
}  # fmt: skip
_ADVERBS: Final = {
    "hourly": (1, "hour"), "daily": (1, "day"), "nightly": (1, "day"), "weekly": (1, "week"),
    "fortnightly": (2, "week"), "monthly": (1, "month"), "quarterly": (3, "month"),
    "yearly": (1, "year"), "annually": (1, "year"),
}  # fmt: skip
_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_WORDS: Final = {
    **{word: number for number, word in enumerate(_SMALL)},
    **_TENS,
    **{f"{t}{dash}{_SMALL[n]}": v + n for t, v in _TENS.items() for dash in "- "
       for n in range(1, 10)},
    "a": 1,
    "an": 1,
    "half a": 0.5,
    "half an": 0.5,
    "half": 0.5,
}  # fmt: skip

_UNIT: Final = r"(seconds?|minutes?|hours?|days?|weeks?|months?|years?|(?:sec|min|hr|wk|mo|yr)s?)"
_NUMBER: Final = (
    r"(\d+(?:[.,]\d+)?|" + "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)) + ")"
)
_LENGTH: Final = re.compile(
    rf"(?<![\w.,-]){_NUMBER}(?:(?: ?- ?| to | or )(\d+))?(?:[ -]?{_UNIT}| ?([shd]))(?!\w)"
)
_EVERY: Final = re.compile(r"(?<![\w-])(?:every|each) (minute|hour|day|week|month|year)\b")
# `half-hourly` and `six-monthly` are other rhythms.
_ADVERB: Final = re.compile(rf"(?<![\w-])({'|'.join(_ADVERBS)})\b")
_BETWEEN: Final = re.compile(r" ?(?:,|and|&|\+)? ?")
_UNCLEAR: Final = re.compile(
    # Days that are not all days, and numbers that are not read here.
    r"\b(?:business|working|work|bank(?:ing)?|trading|school|half(?: a)?)[ -]days?\b"
    r"|[½¼¾]|\d[:/]\d|\d \d|\d[,.']\d{3}\b|\d[hd]\d|\d ?m\b"
    r"|\b(?:hundred|thousand|dozen|quarters?|(?:and|&) a half)\b"
    # What is counted from elsewhere, or is no length but a limit or a number of times.
    r"|[~≈<>≤≥#№\u00d7]|\d ?x\b|\bx ?\d|\b(?:of|day) \d"
    r"|\b(?:about|around|approx(?:imately)?|almost|nearly|left|remain(?:s|ing)?|to go|if)\b"
    r"|\b(?:before|prior|until|ago|old|older|twice|times?|per|few|several|couple|other|least|most"
    r"|up to|than|between|over|under|exceeds?|max(?:imum)?|minimum|last|past|previous)\b"
)
_LEAD: Final = re.compile(r"\b(?:wait|delay|pause|sleep|after|for|in|within|once|timeout|lasts?) $")
"""What stands in front of ``a day`` where this is a length: not in ``end of a day``."""


class Spoken(NamedTuple):
    """A length of time that a name tells.

    Attributes:
        text: as the name writes it.
        least: in seconds, since a month may have 28 days.
        most: in seconds.
        iso: the same in ISO 8601, empty where that is not said in one number.
    """

    text: str
    least: float
    most: float
    iso: str


def lengths_in(name: str) -> list[Spoken]:
    """The lengths of time in a name: ``1 hour 30 minutes`` is one.

    Args:
        name: of an event.

    Returns:
        Each length, in order; none where the name may mean something else.
    """
    text = _plain(name)
    if _UNCLEAR.search(text):
        return []
    found: list[tuple[Spoken, int]] = []
    for match in _LENGTH.finditer(text):
        if match[1] in ("a", "an") and not _is_length(match, text[: match.start()]):
            continue
        # What follows may be the rest of it: `2 hours 30`.
        if re.match(r" ?\d+\b(?! ?[a-z%])", text[match.end() :]):
            return []
        length = _length(match)
        if found and _BETWEEN.fullmatch(text[found[-1][1] : match.start()]):
            length = _sum(found.pop()[0], length)
        found.append((length, match.end()))
    return [length for length, _ in found]


def rhythms_in(name: str) -> list[Spoken]:
    """How often something comes round, by a name: ``daily``, ``every hour``.

    Args:
        name: of an event.

    Returns:
        The times between, in order.
    """
    text = _plain(name)
    return [] if _UNCLEAR.search(text) else list(_rhythms(text))


def _rhythms(text: str) -> Iterator[Spoken]:
    for match in _EVERY.finditer(text):
        yield _of(match[0], 1, 1, match[1])
    for match in _ADVERB.finditer(text):
        number, unit = _ADVERBS[match[1]]
        yield _of(match[0], number, number, unit)


def _is_length(match: re.Match[str], before: str) -> bool:
    # `A second` may be the next one.
    return match[3] != "second" and (not before or _LEAD.search(before) is not None)


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\u2010-\u2015\u2212]", "-", name).casefold().split())


def _length(match: re.Match[str]) -> Spoken:
    first, last, unit, short = match.groups()
    least = _value(first)
    return _of(match[0], least, float(last) if last else least, unit or short)


def _of(text: str, least: float, most: float, unit: str) -> Spoken:
    name = unit.rstrip("s") or unit
    low, high, iso = _UNITS[_SHORT.get(name, name)]
    whole = least == most and float(least).is_integer()
    return Spoken(text, least * low, most * high, iso.format(int(least)) if whole else "")


def _value(number: str) -> float:
    return float(_WORDS[number]) if number in _WORDS else float(number.replace(",", "."))


def _sum(first: Spoken, second: Spoken) -> Spoken:
    text = f"{first.text} {second.text}"
    return Spoken(text, first.least + second.least, first.most + second.most, "")
