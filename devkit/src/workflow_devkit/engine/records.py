"""The record stream: every state change, with Zeebe's own value types and intents.

A record is cheap until somebody reads it: most are written and never looked at. So the log keeps
plain rows, each with what its value is made of, and makes records of them for who asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, overload

__all__ = ["Record", "RecordLog"]

ValueSource = dict[str, Any] | Callable[[Any], dict[str, Any]]
"""The fields of a record, or a function that gives them for the row's subject."""
Subscriber = Callable[["Record"], None]
Row = tuple[int, str, str, int, int, ValueSource, Any]


class Record:
    """One event; ``value`` has the fields of Zeebe's exported records, in camelCase."""

    __slots__ = (
        "_source",
        "_subject",
        "intent",
        "key",
        "position",
        "timestamp",
        "value_type",
    )

    def __init__(self, row: Row) -> None:
        (
            self.position,
            self.value_type,
            self.intent,
            self.key,
            self.timestamp,
            self._source,
            self._subject,
        ) = row

    @property
    def value(self) -> dict[str, Any]:
        """The record's own fields."""
        # Made once: a second reader gets the same fields.
        if not isinstance(self._source, dict):
            self._source = self._source(self._subject)
        return self._source

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON, with the names of Zeebe's exporters."""
        return {
            "position": self.position,
            "valueType": self.value_type,
            "intent": self.intent,
            "key": self.key,
            "timestamp": self.timestamp,
            "recordType": "EVENT",
            "value": self.value,
        }

    def __repr__(self) -> str:
        return f"Record({self.position}, {self.value_type} {self.intent}, key {self.key})"


class RecordLog:
    """The newest records, oldest first; ``limit`` None keeps all, 0 none.

    Attributes:
        wanted: whether anybody keeps or hears records.
    """

    def __init__(self, limit: int | None = 10_000) -> None:
        self._kept: deque[Row] = deque(maxlen=limit)
        self._subscribers: list[Subscriber] = []
        self._position = 0
        self._limit = limit
        self.wanted = limit != 0

    def write(
        self,
        value_type: str,
        intent: str,
        key: int,
        timestamp: int,
        source: ValueSource,
        subject: Any = None,
    ) -> None:
        """Appends a record and tells the subscribers."""
        # Counted in any case: a position does not depend on who listens.
        self._position += 1
        if not self.wanted:
            return
        row = (self._position, value_type, intent, key, timestamp, source, subject)
        self._kept.append(row)
        if self._subscribers:
            record = Record(row)
            for subscriber in self._subscribers:
                subscriber(record)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls ``subscriber`` with each new record, until the returned function is called."""
        self._subscribers.append(subscriber)
        self.wanted = True
        return lambda: self._unsubscribe(subscriber)

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.remove(subscriber)
        self.wanted = self._limit != 0 or bool(self._subscribers)

    def __iter__(self) -> Iterator[Record]:
        # All at once: a deque that grows meanwhile cannot be iterated.
        return iter([Record(row) for row in self._kept])

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            # A deque has no slices.
            return [Record(row) for row in list(self._kept)[index]]
        return Record(self._kept[index])
