"""Python names for whatever stands in a diagram."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import count
from typing import Final

from anyascii import anyascii

CONSTANT: Final = 60
LOWER: Final = 40
"""Longer names would not fit on a line of code; functions share theirs with more."""


def snake(text: str, fallback: str, room: int = LOWER) -> str:
    """``createAccount`` gives ``create_account``; what has no letters gives ``fallback``."""
    words = _apart_at_humps("".join(map(_letters, text)))
    name = re.sub(r"[\W_]+", "_", words, flags=re.ASCII).strip("_").lower()[:room].strip("_")
    if not name:
        return fallback
    # It begins with a digit.
    if not name.isidentifier():
        name = f"{fallback}_{name}"
    # `match` and `type` stay: Python takes such soft keywords as names.
    return f"{name}_" if keyword.iskeyword(name) else name


def _letters(char: str) -> str:
    """How a character is written in ASCII, which is all that linters allow in names."""
    # anyascii writes soft signs as apostrophes.
    return char if char.isascii() else anyascii(char).replace("'", "")


def _apart_at_humps(text: str) -> str:
    """``sendHTTPRequest`` gives ``send_HTTP_Request``."""
    neighbours = zip(f"_{text}", text, f"{text[1:]}_", strict=False)
    return "".join(
        f"_{char}" if char.isupper() and (after.islower() or not before.isupper()) else char
        for before, char, after in neighbours
    )


def constant(text: str, fallback: str, room: int = CONSTANT) -> str:
    """``createAccount`` gives ``CREATE_ACCOUNT``."""
    return snake(text, fallback, room).rstrip("_").upper()


def camel(text: str, fallback: str) -> str:
    """``create_account`` gives ``CreateAccount``."""
    words = snake(text, fallback, CONSTANT).split("_")
    return "".join(word[:1].upper() + word[1:] for word in words)


def constants_of(
    names: Iterable[str], prefixes: Iterable[str], fallback: str, room: int = CONSTANT
) -> dict[str, str]:
    """A constant for each name, sorted by name; no two are the same.

    ``processName_taskName`` becomes ``TASK_NAME`` where ``processName`` is one of the
    prefixes. Names that would share a constant keep their prefix; what is the same even then is
    numbered in the order of the names.
    """
    known = sorted(set(names))
    heads = {f"{prefix}_" for prefix in prefixes if prefix}
    short = {name: constant(_without(name, heads), fallback, room) for name in known}
    return _numbered(_apart(short, fallback, room))


def identifiers_of(
    names: Iterable[str], prefixes: Iterable[str], fallback: str, taken: Collection[str] = ()
) -> dict[str, str]:
    """A name in lower case for each text, for functions and fields; no two are the same.

    Args:
        names: the texts.
        prefixes: what a name goes without, where the rest tells it apart.
        fallback: what a text without letters is called.
        taken: names that must not be used; an underscore is added to them.
    """
    found = {n: c.lower() for n, c in constants_of(names, prefixes, fallback, LOWER).items()}
    return {n: f"{i}_" if keyword.iskeyword(i) or i in taken else i for n, i in found.items()}


def _without(name: str, prefixes: Collection[str]) -> str:
    # The longest first: the id of one process may begin with that of another.
    longest = max(map(len, prefixes), default=0)
    heads = (name[:size] for size in range(longest, 0, -1) if name[size - 1 : size] == "_")
    found = next((head for head in heads if head in prefixes), "")
    # A task type may be a prefix and nothing else.
    return name.removeprefix(found) or name


def _apart(short: Mapping[str, str], fallback: str, room: int) -> dict[str, str]:
    counted = Counter(short.values())
    return {n: s if counted[s] == 1 else constant(n, fallback, room) for n, s in short.items()}


def _numbered(wanted: Mapping[str, str]) -> dict[str, str]:
    # A numbered name must not be one that another text has without a number.
    counted, taken, found = Counter(wanted.values()), set(wanted.values()), dict(wanted)
    # One row of numbers for each text: thousands may be the same.
    numbers = {same: count(1) for same in counted}
    for name, same in wanted.items():
        if counted[same] > 1:
            numbered = (f"{same}_{number}" for number in numbers[same])
            found[name] = next(free for free in numbered if free not in taken)
            taken.add(found[name])
    return found
