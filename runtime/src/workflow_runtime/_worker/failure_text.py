"""What the engine is told of an exception: nothing in here ever fails.

Exceptions are the handler's own: their texts, types and groups may do anything.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from workflow_runtime.errors import Retry, text_of

MESSAGE_LIMIT = 9_000
"""Characters; Zeebe cuts at 10,000, in the middle of whatever stands there."""

_HEADLINE = 2_000
"""Characters of an exception's own text, so that its traceback has room behind it."""
_FRAMES = 6
"""Calls of the traceback that are shown, the innermost ones."""
_NAMED, _TRACED = 10, 3
"""Exceptions of one group that are named, and those whose tracebacks are shown."""
_SHARE = 400
"""Characters of each of them."""
# Calls within this package are left out of tracebacks.
_RUNTIME = str(Path(__file__).parents[1])


def describe(error: BaseException) -> str:
    """One line for people, then the end of the traceback."""
    if isinstance(error, Retry) and "message" in vars(error):
        return text_of(error.message)
    line, trace = headline(error), _trace(error)
    return f"{cut(line, _HEADLINE)}\n\n{trace}" if trace else line


def describe_all(errors: Sequence[BaseException]) -> str:
    """Several at once: a line for each, then the ends of the first tracebacks."""
    lines = [cut(headline(error), _SHARE) for error in errors[:_NAMED]]
    if len(errors) > _NAMED:
        lines.append(f"and {len(errors) - _NAMED} more")
    traces = [_trace(error) for error in errors[:_TRACED]]
    head = "\n- ".join([f"{len(errors)} errors at once:", *lines])
    return "\n\n".join([head, *filter(None, traces)])


def headline(error: BaseException) -> str:
    """``KeyError: 'card'``: the kind, and what it says."""
    # pydantic's own text holds the values that did not fit.
    text = fields(error) if isinstance(error, ValidationError) else text_of(error)
    kind = type(error).__name__
    return kind if text == kind else f"{kind}: {text}"


def fields(error: ValidationError) -> str:
    """Each field that does not fit, never its value."""
    try:
        lines = [
            f"{'.'.join(map(str, each['loc'])) or error.title}: {each['msg']} ({each['type']})"
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    except Exception:  # noqa: BLE001 - validators are the handler's own, and so are their errors
        return f"{error.title} does not fit"
    return "\n".join(lines)


def cut(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Text that fits and can be sent, and says so if it was longer."""
    # Lone surrogates, as in names of files that are no UTF-8.
    text = text.encode("utf-8", "backslashreplace").decode()
    # 14 characters are what stands behind a text that was cut.
    return text if len(text) <= limit else text[: limit - 14] + " … (cut short)"


def _trace(error: BaseException) -> str:
    """The user's part of the traceback: what calls a handler is the same every time."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
    except Exception:  # noqa: BLE001 - it reads source files, by the loader that a module has
        return ""
    theirs = [frame for frame in frames if not frame.filename.startswith(_RUNTIME)]
    return "".join(traceback.format_list(theirs[-_FRAMES:]))
