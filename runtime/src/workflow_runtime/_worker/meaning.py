"""What a handler means by what it raises: one exception, or several in a group."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from workflow_runtime._worker.failure_text import describe, describe_all, with_causes
from workflow_runtime.errors import (
    BpmnError,
    HandlerSignal,
    Retry,
    WorkflowIncident,
    error_code,
    text_of,
)

_FOREIGN = "cancelled by something that is not this service: the handler's own code, or a library"


class Meaning(NamedTuple):
    """What shall become of the job; ``errors`` are the exceptions that say so first."""

    kind: Literal["thrown", "incident", "failed"]
    errors: Sequence[BaseException]
    text: str

    @property
    def retries(self) -> list[Retry]:
        """Those that say themselves when to try again."""
        return [error for error in self.errors if isinstance(error, Retry)]


def meaning_of(error: BaseException, non_retryable: tuple[type[BaseException], ...]) -> Meaning:
    """Of several exceptions the most serious one decides, and all of them are told.

    An incident among them is an incident. BPMN errors of one code, and nothing else, are thrown;
    of several codes nobody can choose: an incident. Everything else is one failed attempt.
    """
    errors = _leaves(error)

    def is_final(each: BaseException) -> bool:
        # What a handler says by its exception goes before what its configuration says of types.
        if isinstance(each, HandlerSignal):
            return isinstance(each, WorkflowIncident)
        return isinstance(each, non_retryable)

    final = [each for each in errors if is_final(each)]
    if final or (len(errors) > 1 and is_final(error)):
        return _meaning("incident", [*final, *(each for each in errors if not is_final(each))])
    thrown = [each for each in errors if isinstance(each, BpmnError)]
    if len(thrown) < len(errors):
        return _meaning("failed", errors)
    codes = {str(error_code(getattr(each, "code", None))) for each in thrown}
    return _meaning("thrown" if len(codes) == 1 else "incident", errors)


def _meaning(kind: Literal["thrown", "incident", "failed"], errors: list[BaseException]) -> Meaning:
    if len(errors) > 1:
        return Meaning(kind, errors, describe_all(errors))
    (error,) = errors
    if kind == "incident" and isinstance(error, WorkflowIncident):
        # It was written for the person who reads it.
        text = with_causes(text_of(error) or type(error).__name__, error)
    elif isinstance(error, asyncio.CancelledError):
        text = f"{_FOREIGN}\n\n{describe(error)}"
    else:
        text = describe(error)
    return Meaning(kind, errors, text)


def _leaves(error: BaseException) -> list[BaseException]:
    """The exceptions in a group and in the groups of it; one that is no group is its own leaf."""
    found = list(_flat(error))
    # Who is cancelled because of another's error has nothing to say of its own.
    told = [each for each in found if not isinstance(each, asyncio.CancelledError)]
    return told or found[:1]


def _flat(error: BaseException) -> Iterator[BaseException]:
    # A stack, no recursion: groups may be nested deeper than Python's own.
    waiting = [error]
    while waiting:
        each = waiting.pop()
        # A group that is a signal as well says itself what it means.
        if isinstance(each, BaseExceptionGroup) and not isinstance(each, HandlerSignal):
            waiting += reversed(each.exceptions)
        else:
            yield each
