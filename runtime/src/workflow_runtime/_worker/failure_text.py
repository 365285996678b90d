"""What the engine is told of an exception: nothing in here ever fails.

Exceptions are the handler's own: their texts, types and groups may do anything.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from workflow_runtime._log.chains import trace_of, wrapped_by
from workflow_runtime._log.failures import Failure, failure_of
from workflow_runtime._log.headlines import headline
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
    """Lines for people: what it says, and each cause; then the end of the traceback."""
    told = isinstance(error, Retry) and "message" in vars(error)
    line = text_of(error.message) if told else headline(error)  # type: ignore[attr-defined]
    # Of a signal that wraps nothing only its place would be left to tell.
    trace = "" if told and wrapped_by(error) is None else _trace(_innermost(error))
    return _paragraphs(with_causes(cut(line, _HEADLINE), error), trace)


def with_causes(line: str, error: BaseException) -> str:
    """A line that tells an exception, and one for each of what led to it."""
    return "\n".join([line, *causes(failure_of(error))])


def describe_all(errors: Sequence[BaseException]) -> str:
    """Several at once: some lines for each, then the ends of the first tracebacks."""
    lines = [with_causes(cut(headline(error), _SHARE), error) for error in errors[:_NAMED]]
    if len(errors) > _NAMED:
        lines.append(f"and {len(errors) - _NAMED} more")
    traces = [_trace(error) for error in errors[:_TRACED]]
    return _paragraphs("\n- ".join([f"{len(errors)} errors at once:", *lines]), *traces)


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


def causes(failure: Failure) -> Iterator[str]:
    """``caused by TimeoutError: timed out, in connect (mail.py:12)``: signals wrap the first."""
    if failure.raised_as:
        yield f"caused by {_one(failure)}"
    while failure.cause is not None:
        link = "caused by" if failure.explicit else "while handling"
        failure = failure.cause
        yield f"{link} {_one(failure)}"


def _one(failure: Failure) -> str:
    return cut(replace(failure, cause=None, raised_as="").words(texts=True), _SHARE)


def _innermost(error: BaseException) -> BaseException:
    """What a signal stands for: there is the place that somebody can mend."""
    wrapped = wrapped_by(error)
    return error if wrapped is None else wrapped


def cut(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Text that fits and can be sent, and says so if it was longer."""
    # Lone surrogates, as in names of files that are no UTF-8.
    text = text.encode("utf-8", "backslashreplace").decode()
    # 14 characters are what stands behind a text that was cut.
    return text if len(text) <= limit else text[: limit - 14] + " … (cut short)"


def _trace(error: BaseException) -> str:
    """The user's part of the traceback: what calls a handler is the same every time."""
    try:
        frames = traceback.extract_tb(trace_of(error))
    except Exception:  # noqa: BLE001 - it reads source files, by the loader that a module has
        return ""
    theirs = [frame for frame in frames if not frame.filename.startswith(_RUNTIME)]
    return "".join(traceback.format_list(theirs[-_FRAMES:]))
