"""What an event is, on its way from outside into a process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.publishing.event_ids import make_id

__all__ = ["Event", "PublishedEvent", "WorkflowEvent", "as_ttl", "make_event"]

Outcome = Literal["published", "duplicate", "written"]


@dataclass(frozen=True, slots=True)
class Event:
    """An event ready to be sent; the engine calls it a message.

    Attributes:
        name: what processes wait for.
        correlation_key: whose event it is; empty for events that start a process.
        scope: the variables that it brings.
        time_to_live: how long the engine keeps it for a process that does not wait yet
            (semantics#message-buffered).
        event_id: a second event of this name and key with this id is a duplicate while the
            engine keeps the first one: for its time to live (semantics#message-id).
        new: whether the id was made for this one event, so that only it can be known by it.
    """

    name: str
    correlation_key: str
    scope: Mapping[str, Any] = field(repr=False)
    time_to_live: timedelta
    event_id: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """What became of an event.

    Attributes:
        name: the event's name.
        event_id: its id, given or made.
        outcome: ``published``, or ``duplicate``: the engine keeps an event of this name, key and
            id already, and this one reaches nobody. After a try whose answer was lost, the one
            that it keeps may be that try. The outbox says ``written`` and ``duplicate`` of its
            own table.
    """

    name: str
    event_id: str
    outcome: Outcome

    @property
    def duplicate(self) -> bool:
        """Whether its id was taken: by another call, or by a try of this one that got no answer."""
        return self.outcome == "duplicate"


class WorkflowEvent(BaseModel):
    """Base of typed events: one model for each event; its fields are the scope that it brings.

    Attributes:
        process_id: the BPMN id of the process that the event is for.
        event_name: the name that the process waits for; if it is not set, the process id and the
            class's own name make it: ``processName_eventName``.
        key_field: the field whose value is the correlation key; None for events that start a
            process.
        time_to_live: how long the engine keeps the event; None takes the service's ``event_ttl``.

    Raises:
        ConfigurationError: when the class is defined: it has no name, or no such field.
    """

    process_id: ClassVar[str] = ""
    event_name: ClassVar[str] = ""
    key_field: ClassVar[str | None] = None
    time_to_live: ClassVar[timedelta | None] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Checks the definition where it is made."""
        # The class's own name only: a subclass must not inherit the name of another event.
        if cls.process_id and not cls.__dict__.get("event_name"):
            cls.event_name = f"{cls.process_id}_{_lower_first(cls.__name__)}"
        if cls.key_field is not None and cls.key_field not in cls.model_fields:
            raise ConfigurationError(
                f"{cls.__name__}: key_field is {cls.key_field!r}, but the event has the fields "
                f"{', '.join(cls.model_fields) or 'none'}"
            )

    def named(self) -> str:
        """Gives the event's name.

        Returns:
            ``event_name``, set or made.

        Raises:
            ConfigurationError: neither ``process_id`` nor ``event_name`` is set.
        """
        if not self.event_name:
            raise ConfigurationError(
                f"{type(self).__name__}: set process_id or event_name (processName_eventName)"
            )
        return self.event_name

    def key(self) -> str:
        """Gives the event's correlation key.

        Returns:
            The value of the field ``key_field`` as the scope has it, as text; empty without one.

        Raises:
            ConfigurationError: the field is None, which no process waits for.
        """
        if self.key_field is None:
            return ""
        # By the field's own name, which is what `key_field` says, and as JSON writes the value.
        # Without warnings, which show values.
        value = self.model_dump(mode="json", by_alias=False, warnings=False)[self.key_field]
        if value is None:
            raise ConfigurationError(
                f"{type(self).__name__}: {self.key_field} is None, but is the correlation key; "
                "give it a value"
            )
        return str(value)


def make_event(
    event: str | WorkflowEvent,
    correlation_key: str = "",
    scope: Mapping[str, Any] | None = None,
    time_to_live: float | timedelta | None = None,
    event_id: str | None = None,
    *,
    default_ttl: timedelta,
) -> Event:
    """Makes an event ready to be sent.

    Args:
        event: a name, or a typed event with its own name, key, scope and time to live.
        correlation_key: whose event it is; only for an event given by its name.
        scope: its variables; added to those of a typed event.
        time_to_live: how long the engine keeps it, seconds or a timedelta; replaces that of a
            typed event.
        event_id: recognises a repetition; None makes one: a new one for each call, and in a
            handler the same one each time that its job is run.
        default_ttl: the time to live where neither the call nor the event says one.

    Returns:
        The event, which surely has an id and a time to live.

    Raises:
        ConfigurationError: a typed event without a name, or whose key is None; a time to live
            that is none.
    """
    own_ttl = None
    if isinstance(event, WorkflowEvent):
        name, key, own_ttl = event.named(), event.key(), event.time_to_live
        scope = event.model_dump(mode="json", by_alias=True, warnings=False) | dict(scope or {})
    else:
        name, key = _text(event), _text(correlation_key)
    ttl = next(t for t in (time_to_live, own_ttl, default_ttl) if t is not None)
    given = _text(event_id)
    made, new = (given, False) if given else make_id(name, key)
    return Event(
        name,
        key,
        dict(scope or {}),
        as_ttl(name, ttl),
        made,
        new,
    )


def as_ttl(name: str, given: object) -> timedelta:
    """Reads a time to live.

    Args:
        name: the event's, for the error.
        given: a timedelta, or seconds.

    Returns:
        The time, in whole milliseconds, as the engine has it: a shorter one is none.

    Raises:
        ConfigurationError: it is neither, or longer than a timedelta.
    """
    try:
        ttl = given if isinstance(given, timedelta) else timedelta(seconds=given)  # type: ignore[arg-type]  # what comes is looked at
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(
            f"event {name}: time_to_live is {given!r}; give seconds or a timedelta"
        ) from error
    return ttl - ttl % timedelta(milliseconds=1)


def _text(value: object) -> str:
    """Names, keys and ids as the engine has them: numbers, UUIDs and enums are usual."""
    if value is None:
        return ""
    return str(value.value if isinstance(value, Enum) else value)


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
