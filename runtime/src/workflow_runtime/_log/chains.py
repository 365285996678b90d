"""What an exception was raised of, and what it contains, as Python itself keeps it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final

from workflow_runtime.errors import HandlerSignal

__all__ = ["cause_of", "members_of", "raised_of", "trace_of", "wrapped_by"]

# A class of the handler's may answer otherwise, or raise at any question.
_OWN: Final[dict[str, Any]] = {**vars(BaseException), **vars(BaseExceptionGroup)}
_CAUSE, _CONTEXT, _SUPPRESSED, _TRACEBACK, _ARGS, _EXCEPTIONS = (
    _OWN[name].__get__
    for name in (
        "__cause__",
        "__context__",
        "__suppress_context__",
        "__traceback__",
        "args",
        "exceptions",
    )
)


def trace_of(error: BaseException) -> TracebackType | None:
    """Where it was raised, and on which way it came."""
    found: TracebackType | None = _TRACEBACK(error)
    return found


def raised_of(error: BaseException) -> tuple[BaseException | None, BaseException | None]:
    """What it was raised from, and what was being handled then, shown or not."""
    return _CAUSE(error), _CONTEXT(error)


def members_of(error: BaseException) -> tuple[BaseException, ...]:
    """The exceptions of a group; none of any other."""
    # By its type: `isinstance` asks the exception too, which is the handler's own.
    found: tuple[BaseException, ...] = (
        _EXCEPTIONS(error) if issubclass(type(error), BaseExceptionGroup) else ()
    )
    return found


def cause_of(error: BaseException) -> tuple[BaseException | None, bool]:
    """What led to it as Python's own traceback shows it, and whether its code says so."""
    if (cause := _CAUSE(error)) is not None:
        return cause, True
    return (None if _SUPPRESSED(error) else _CONTEXT(error)), False


def wrapped_by(error: BaseException) -> BaseException | None:
    """What a signal stands for: ``Retry`` and the others only say what shall become of the job."""
    if not issubclass(type(error), HandlerSignal):
        return None
    given = [each for each in _ARGS(error)[:1] if issubclass(type(each), BaseException)]
    return cause_of(error)[0] or (given[0] if given else None)
