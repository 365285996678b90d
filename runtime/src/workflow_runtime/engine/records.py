"""The record stream: every state change, with Zeebe's own value types and intents.

A record is cheap until somebody reads its value: most are written and never looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, overload

__all__ = ["Record", "RecordLog"]

ValueSource = Callable[[], dict[str, Any]]
Subscriber = Callable[["Record"], None]


class Record:
    """One event or rejection.

    ``value`` has the fields of Zeebe's exported records, in camelCase. ``rejection_type`` is
    empty for events.
    """

    __slots__ = (
        "_source",
        "_value",
        "intent",
        "key",
        "position",
        "rejection_reason",
        "rejection_type",
        "timestamp",
        "value_type",
    )

    def __init__(
        self,
        position: int,
        value_type: str,
        intent: str,
        key: int,
        timestamp: int,
        source: ValueSource | dict[str, Any],
        rejection: tuple[str, str] = ("", ""),
    ) -> None:
        self.position = position
        self.value_type = value_type
        self.intent = intent
        self.key = key
        self.timestamp = timestamp
        self._source: ValueSource | None = None if isinstance(source, dict) else source
        self._value: dict[str, Any] | None = source if isinstance(source, dict) else None
        self.rejection_type, self.rejection_reason = rejection

    @property
    def value(self) -> dict[str, Any]:
        """The record's own fields."""
        if self._value is None:
            assert self._source is not None
            self._value = self._source()
        return self._value

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON, with the names of Zeebe's exporters."""
        plain: dict[str, Any] = {
            "position": self.position,
            "valueType": self.value_type,
            "intent": self.intent,
            "key": self.key,
            "timestamp": self.timestamp,
            "recordType": "COMMAND_REJECTION" if self.rejection_type else "EVENT",
            "value": self.value,
        }
        if self.rejection_type:
            plain |= {
                "rejectionType": self.rejection_type,
                "rejectionReason": self.rejection_reason,
            }
        return plain

    def __repr__(self) -> str:
        return f"Record({self.position}, {self.value_type} {self.intent}, key {self.key})"


class RecordLog:
    """The newest records, oldest first; ``limit`` None keeps all, 0 none."""

    def __init__(self, limit: int | None = 10_000) -> None:
        self._kept: deque[Record] = deque(maxlen=limit)
        self._subscribers: list[Subscriber] = []
        self._position = 0
        self._limit = limit

    @property
    def wanted(self) -> bool:
        """Whether anybody keeps or hears records."""
        return self._limit != 0 or bool(self._subscribers)

    def write(
        self,
        value_type: str,
        intent: str,
        key: int,
        timestamp: int,
        source: ValueSource | dict[str, Any],
        rejection: tuple[str, str] = ("", ""),
    ) -> None:
        """Appends a record and tells the subscribers."""
        self._position += 1
        if not self.wanted:
            return
        record = Record(self._position, value_type, intent, key, timestamp, source, rejection)
        self._kept.append(record)
        for subscriber in self._subscribers:
            subscriber(record)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls ``subscriber`` with each new record, until the returned function is called."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        return list(self._kept)[index] if isinstance(index, slice) else self._kept[index]
