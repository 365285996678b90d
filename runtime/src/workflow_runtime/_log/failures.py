"""Exceptions in log lines: what kind, where, and what led to them; their texts only if wanted."""

from __future__ import annotations

from asyncio import CancelledError
from dataclasses import dataclass, field
from traceback import walk_tb

from workflow_runtime._log.chains import cause_of, members_of, trace_of, wrapped_by
from workflow_runtime._log.headlines import headline
from workflow_runtime._log.places import Place, place_of
from workflow_runtime.urls import redacted

__all__ = ["Failure", "failure_of", "kind_and_place"]

_DEEPEST = 5
"""Causes of causes, and groups in groups."""
_WIDEST = 3
"""Exceptions of one group."""
_LONGEST = 500
"""Characters of a text."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception as it is told: the same in the log, in a trace and in an alert.

    ``Retry``, ``BpmnError`` and the other signals of handlers are told as what they wrap, and so is
    a group of one exception.

    Attributes:
        kind: the name of its type.
        place: the innermost line of the service's own code; None where there is none.
        text: what it says, without passwords of URLs; it may hold values of the scope.
        raised_as: the signal or the group around it; empty where there is none.
        cause: what led to it.
        explicit: whether the code says so (``from``); else the cause was being handled then.
        members: the first exceptions of a group.
        size: how many exceptions the group has.
    """

    kind: str
    place: Place | None = None
    text: str = field(default="", repr=False)
    raised_as: str = ""
    cause: Failure | None = None
    explicit: bool = True
    members: tuple[Failure, ...] = ()
    size: int = 0

    @property
    def identity(self) -> tuple[object, ...]:
        """What failures of one kind have in common: type, what it was raised as, and place.

        Of a group's members too.
        """
        return (self.kind, self.raised_as, self.place, *(each.identity for each in self.members))

    def words(self, *, texts: bool = False) -> str:
        """Tells it in one line, with its causes.

        Args:
            texts: with what the exceptions say.

        Returns:
            Such as ``ConnectionError in connect (mail.py:12), caused by TimeoutError``.
        """
        said = f": {self.text}" if texts and self.text else ""
        place = f"{',' if said else ''} in {self.place}" if self.place else ""
        signal = f", raised as {self.raised_as}" if self.raised_as else ""
        return f"{self.kind}{said}{place}{self._within(texts)}{signal}{self._because(texts)}"

    def _within(self, texts: bool) -> str:
        if not self.members:
            return ""
        more = self.size - len(self.members)
        told = "; ".join(each.words(texts=texts) for each in self.members)
        return f" of {self.size} ({told}{f'; and {more} more' if more else ''})"

    def _because(self, texts: bool) -> str:
        if self.cause is None:
            return ""
        link = "caused by" if self.explicit else "while handling"
        return f", {link} {self.cause.words(texts=texts)}"


def failure_of(error: BaseException) -> Failure:
    """Reads an exception, and what led to it; never fails.

    Args:
        error: anything that was raised.
    """
    return _read(error, set(), 0)


def kind_and_place(error: BaseException) -> str:
    """``ValueError in charge (shop.py:12)``: an exception's text may hold values of the scope."""
    return failure_of(error).words()


def _read(error: BaseException, seen: set[int], depth: int) -> Failure:
    seen.add(id(error))
    around = ""
    # Before the signal itself: it says what shall become of the job, not what has happened.
    while (inner := _inside(error)) is not None and id(inner) not in seen:
        around, error = around or type(error).__name__, inner
        seen.add(id(error))
    cause, explicit = cause_of(error)
    while cause is not None and issubclass(type(cause), CancelledError) and id(cause) not in seen:
        # As `asyncio.timeout` has it: who is cancelled has nothing to say of its own.
        seen.add(id(cause))
        cause, explicit = cause_of(cause)
    members = members_of(error)
    deeper = depth < _DEEPEST
    shown = members[:_WIDEST] if deeper else ()
    known = cause is None or id(cause) in seen or not deeper
    return Failure(
        kind=type(error).__name__,
        place=place_of((frame.f_code, line) for frame, line in walk_tb(trace_of(error))),
        text=_text(error),
        raised_as=around,
        cause=None if known or cause is None else _read(cause, seen, depth + 1),
        explicit=explicit,
        members=tuple(_read(each, seen, depth + 1) for each in shown),
        size=len(members),
    )


def _inside(error: BaseException) -> BaseException | None:
    members = members_of(error)
    return members[0] if len(members) == 1 else wrapped_by(error)


def _text(error: BaseException) -> str:
    said = headline(error).removeprefix(type(error).__name__).removeprefix(": ")
    # Lone surrogates, as in names of files that are no UTF-8. Libraries show whole addresses.
    said = redacted(said.encode("utf-8", "backslashreplace").decode())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
