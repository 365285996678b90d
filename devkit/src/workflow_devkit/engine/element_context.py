"""What elements may use of the engine, besides the life of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_devkit.engine.catch_events import CatchEvents
from workflow_devkit.engine.jobs import Jobs
from workflow_devkit.engine.process_instances import ProcessInstances
from workflow_devkit.engine.store import Store

__all__ = ["ElementContext"]


@dataclass(frozen=True, slots=True)
class ElementContext:
    """The parts of an engine that elements start something in."""

    store: Store
    jobs: Jobs
    catch_events: CatchEvents
    process_instances: ProcessInstances

    def broadcast(self, name: str, scope: Mapping[str, Any]) -> int:
        """Tells everybody who listens of a signal; returns its key (semantics#signal-broadcast)."""
        key = self.store.next_key()
        value = {"signalName": name, "variables": dict(scope)}
        self.store.write("SIGNAL", "BROADCASTED", key, value)
        for node in self.catch_events.broadcast(name, scope):
            self.process_instances.by_signal(node, scope)
        return key
