"""What a row must be like: asked of the caller as it is written, and once more as it is read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.publishing.model import Event

__all__ = ["UnreadableRow", "check_event", "read_event"]

_LONGEST_TEXT = 800
"""Bytes of name, key and id: all three together have to fit into one entry of an index."""
_LONGEST_TTL = timedelta(days=36_500)
"""Far below where a duration ends, and the sum of it and a point in time."""


class UnreadableRow(Exception):
    """A row that is no event; the text says which column, and never what is in a scope."""


def check_event(event: Event, lease: timedelta) -> None:
    """Refuses an event that the outbox could not keep or send, while its writer can still help.

    Args:
        event: what is about to be written.
        lease: how long a relay may hold it.

    Raises:
        ConfigurationError: names the field and the remedy; of a time to live with which the event
            could come twice, or never end, which times are allowed.
    """
    if wrong := _wrong_field(event):
        raise ConfigurationError(f"event {event.name[:80]!r}: {wrong}")
    _check_ttl(event.name, event.time_to_live, lease)


def _check_ttl(name: str, ttl: timedelta, lease: timedelta) -> None:
    if ttl <= timedelta(0):
        raise ConfigurationError(
            f"event {name}: the outbox needs a time to live, found {ttl.total_seconds():g} s: "
            "without one the engine cannot tell a repetition from a second event; publish_event "
            "sends events that live for no time"
        )
    if ttl < lease:
        raise ConfigurationError(
            f"event {name}: time_to_live is {ttl.total_seconds():g} s, shorter than the lease of "
            f"{lease.total_seconds():g} s after which another relay sends what a dead one held: "
            "the engine would not know it any more and take it twice; give it at least so long, "
            "or the outbox a shorter lease"
        )
    if ttl > _LONGEST_TTL:
        raise ConfigurationError(
            f"event {name}: time_to_live is {ttl.days} days, above the {_LONGEST_TTL.days} that "
            "the outbox takes; an event that must never be forgotten belongs into a process"
        )


def _wrong_field(found: Any) -> str:
    """What is wrong with name, key or id; nothing if they are fine."""
    for field in ("name", "correlation_key", "event_id"):
        if wrong := _wrong_text(getattr(found, field), empty=field == "correlation_key"):
            return f"{field} {wrong}"
    return ""


def _wrong_text(value: object, *, empty: bool = False) -> str:
    """What is wrong with a name, a key or an id; nothing if it is fine."""
    if not isinstance(value, str):
        return f"is no text, but {type(value).__name__}"
    if not value and not empty:
        return "is empty; give it one"
    if "\0" in value:
        return "has a NUL character, which PostgreSQL cannot keep; take it out"
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        return "has half of a surrogate pair, which is no character; decode its source as UTF-8"
    if size > _LONGEST_TEXT:
        return f"has {size} bytes, above {_LONGEST_TEXT}; put what is long into the scope"
    return ""


def read_event(row: Row[Any]) -> Event:
    """Reads an event from a row, whoever has written or edited it.

    Args:
        row: the columns of the event; ``scope`` is None if it is too long to be fetched.

    Returns:
        The event.

    Raises:
        UnreadableRow: a column holds what no event has.
    """
    if wrong := _wrong_field(row):
        raise UnreadableRow(wrong)
    return Event(
        row.name,
        row.correlation_key,
        _scope_of(row.scope),
        _ttl_of(row.ttl),
        row.event_id,
        bool(row.new_id),
    )


def _ttl_of(milliseconds: object) -> timedelta:
    longest = _LONGEST_TTL // timedelta(milliseconds=1)
    if not isinstance(milliseconds, int) or not 0 < milliseconds <= longest:
        raise UnreadableRow(f"ttl: expected milliseconds from 1 to {longest}")
    return timedelta(milliseconds=milliseconds)


def _scope_of(found: object) -> dict[str, Any]:
    if found is None:
        raise UnreadableRow("scope: larger than the engine takes in one message")
    if not isinstance(found, str):
        raise UnreadableRow(f"scope: expected text, found {type(found).__name__}")
    try:
        scope = json.loads(found)
    except (ValueError, RecursionError) as error:
        # Not the decoder's sentence as a whole: some of them show the text.
        raise UnreadableRow(f"scope: no JSON that can be read ({type(error).__name__})") from error
    if not isinstance(scope, dict):
        raise UnreadableRow(f"scope: expected a JSON object, found {type(scope).__name__}")
    return scope
