"""Exceptions in log lines: what kind and where, never their text."""

from __future__ import annotations

import traceback

__all__ = ["kind_and_place"]


def kind_and_place(error: BaseException) -> str:
    """``ValueError in charge (shop.py:12)``: an exception's text may hold values of the scope."""
    kind, frames = type(error).__name__, traceback.extract_tb(error.__traceback__)
    if not frames:
        return kind
    last = frames[-1]
    return f"{kind} in {last.name} ({last.filename}:{last.lineno})"
