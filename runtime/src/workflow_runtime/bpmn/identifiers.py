"""Python names for whatever stands in a diagram."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

_MAX: Final = 60
"""Longer names would not fit on a line of code."""


def snake(text: str, fallback: str) -> str:
    """``createAccount`` gives ``create_account``; what has no letters gives ``fallback``."""
    words = _apart_at_humps(unicodedata.normalize("NFKC", text))
    kept = "".join(char if f"a{char}".isidentifier() else "_" for char in words)
    name = re.sub(r"_+", "_", kept).strip("_").lower()[:_MAX].strip("_")
    if not name:
        return fallback
    if not name.isidentifier():
        name = f"{fallback}_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _apart_at_humps(text: str) -> str:
    """``sendHTTPRequest`` gives ``send_HTTP_Request``."""
    neighbours = zip(f"_{text}", text, f"{text[1:]}_", strict=False)
    return "".join(
        f"_{char}" if char.isupper() and (after.islower() or not before.isupper()) else char
        for before, char, after in neighbours
    )


def constant(text: str, fallback: str) -> str:
    """``createAccount`` gives ``CREATE_ACCOUNT``."""
    return snake(text, fallback).rstrip("_").upper()


def camel(text: str, fallback: str) -> str:
    """``create_account`` gives ``CreateAccount``."""
    return "".join(part[:1].upper() + part[1:] for part in snake(text, fallback).split("_"))


def constants_of(names: Iterable[str], prefixes: Iterable[str], fallback: str) -> dict[str, str]:
    """A constant for each name, sorted by name; no two are the same.

    ``processName_taskName`` becomes ``TASK_NAME`` where ``processName`` is one of the
    prefixes. Names that would share a constant keep their prefix; what is the same even then is
    numbered in the order of the names.
    """
    known = sorted(set(names))
    prefixes = tuple(sorted((f"{prefix}_" for prefix in prefixes if prefix), key=len, reverse=True))
    short = {name: constant(_without(name, prefixes), fallback) for name in known}
    return _numbered(_apart(short, fallback))


def _without(name: str, prefixes: Iterable[str]) -> str:
    found = next((prefix for prefix in prefixes if name.startswith(prefix)), "")
    return name.removeprefix(found) or name


def _apart(short: Mapping[str, str], fallback: str) -> dict[str, str]:
    counted = Counter(short.values())
    return {n: s if counted[s] == 1 else constant(n, fallback) for n, s in short.items()}


def _numbered(wanted: Mapping[str, str]) -> dict[str, str]:
    counted, taken, found = Counter(wanted.values()), set(wanted.values()), dict(wanted)
    for name, same in wanted.items():
        if counted[same] > 1:
            numbers = (f"{same}_{number}" for number in range(1, len(wanted) + len(taken) + 1))
            found[name] = next(free for free in numbers if free not in taken)
            taken.add(found[name])
    return found
