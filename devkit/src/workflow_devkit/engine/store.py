"""What an engine remembers, and the queue of what it still has to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.endless_loops import (
    FIRST_STEPS,
    MOST_STEPS,
    EndlessLoopError,
    StepCounter,
    belongs_to,
)
from workflow_devkit.engine.executable import Process
from workflow_devkit.engine.record_values import element_value, flow_value
from workflow_devkit.engine.records import RecordLog, ValueSource
from workflow_devkit.engine.state import Instance, Token

__all__ = ["PARTITION", "Store"]

PARTITION = 1
# 51 bits are the counter, what is above them the partition (semantics#grpc-partitions).
_FIRST_KEY = (PARTITION << 51) + 1


class Store:
    """Instances, definitions, keys and the command queue; everything else indexes into it."""

    def __init__(self, clock: EngineClock, records: RecordLog) -> None:
        self.clock = clock
        self.records = records
        self.instances: dict[int, Instance] = {}
        self.tokens: dict[int, Token] = {}
        self.definitions: dict[int, Process] = {}
        self.versions: dict[str, dict[int, Process]] = {}
        # By id, the key of the latest version.
        self.forms: dict[str, int] = {}
        self._key = _FIRST_KEY - 1
        # Steps with their arguments, not closures: `belongs_to` has to see whose they are.
        self._queue: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._sent: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._draining = False

    def next_key(self) -> int:
        """A new key; keys grow, so FIFO by key is FIFO in time."""
        self._key += 1
        return self._key

    def now(self) -> int:
        """Unix time in milliseconds."""
        return self.clock.now_ms()

    def later(self, step: Callable[..., object], *arguments: Any) -> None:
        """Queues a step: Zeebe writes follow-up commands to its log in the same way."""
        self._queue.append((step, arguments))

    def send(self, step: Callable[..., object], *arguments: Any) -> None:
        """Queues a step behind all others: Zeebe sends it as if to another partition."""
        self._sent.append((step, arguments))

    def drain(self) -> None:
        """Does everything that is queued, in order.

        Raises:
            EndlessLoopError: an instance goes round and round; what it had queued is dropped.
        """
        # Who hears a record may send a command: what that queues is done by the loop outside.
        if self._draining:
            return
        self._draining = True
        try:
            self._drain(StepCounter(MOST_STEPS, "gone on"))
        except EndlessLoopError as error:
            kept = [entry for entry in self._queue if not belongs_to(entry[1], error.owner)]
            self._queue = deque(kept)
            raise
        finally:
            self._draining = False

    def _drain(self, counter: StepCounter) -> None:
        # The engine's innermost loop: names are local, and counting begins late.
        queue, sent = self._queue, self._sent
        done = 0
        while queue or sent:
            step, arguments = queue.popleft() if queue else sent.popleft()
            step(*arguments)
            done += 1
            if done > FIRST_STEPS:
                counter.note_step(arguments)

    def latest(self, process_id: str) -> Process | None:
        """The newest version of a process."""
        versions = self.versions.get(process_id)
        return versions[max(versions)] if versions else None

    def write(
        self, value_type: str, intent: str, key: int, source: ValueSource, subject: Any = None
    ) -> None:
        """Writes an event of now to the record stream.

        ``source`` are its fields, or gives them for ``subject`` when somebody reads the record.
        """
        self.records.write(value_type, intent, key, self.clock.now_ms(), source, subject)

    def write_element(self, token: Token, intent: str) -> None:
        """Writes an element instance's event."""
        # Not by way of `write`, for speed: each element writes four of these.
        records = self.records
        if records.wanted:
            now = self.clock.now_ms()
            records.write("PROCESS_INSTANCE", intent, token.key, now, element_value, token)

    def write_flow(self, scope: Token, flow_id: str) -> None:
        """Writes that a sequence flow is taken."""
        if self.records.wanted:
            subject = (scope, flow_id)
            key = self.next_key()
            self.write("PROCESS_INSTANCE", "SEQUENCE_FLOW_TAKEN", key, flow_value, subject)
