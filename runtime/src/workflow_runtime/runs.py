"""The running services of a builder, which hear nothing more of what the builder is told."""

from __future__ import annotations

from weakref import WeakSet

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.workflow import Workflow

__all__ = ["Runs"]


class Runs:
    """What a builder has started; what has ended, or is another process's, counts no more."""

    def __init__(self) -> None:
        self._started: WeakSet[Workflow] = WeakSet()

    def note(self, workflow: Workflow) -> None:
        """Remembers a service until it ends."""
        self._started.add(workflow)

    def refuse(self, method: str) -> None:
        """Lets the builder be changed only between two runs.

        Args:
            method: of the builder, for the error.

        Raises:
            ConfigurationError: a service of it runs.
        """
        if any(each.stopped is None and each.own_loop.is_alive for each in self._started):
            raise ConfigurationError(
                f"{method}: the service of this builder runs already and would never hear of it: "
                "call it before the service is started, and import the modules before in which "
                "handlers register themselves; or stop the service and start it once more"
            )
