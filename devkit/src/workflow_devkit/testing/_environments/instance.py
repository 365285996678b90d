"""A process instance as a test holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_devkit.testing._observed.entries import InstanceEntry
from workflow_devkit.testing._observed.journal import Journal

__all__ = ["Instance"]


class Instance:
    """A process instance under test: `Process.start` or `Process.instance` gives it.

    Attributes:
        key: the key of the process instance.
        process_id: the id of its process in the diagram.
        diagrams: the diagrams that its test deployed.

    Args:
        journal: where what happens to it is written down.
    """

    def __init__(self, key: int, process_id: str, journal: Journal, diagrams: Diagrams) -> None:
        self.key = key
        self.process_id = process_id
        self.diagrams = diagrams
        self._journal = journal

    @property
    def entry(self) -> InstanceEntry:
        """All that the records told of it."""
        # Records of a broker come later than its answer to the command that started the instance.
        unheard = InstanceEntry(self.key, self.process_id)
        return self._journal.instances.get(self.key, unheard)

    @property
    def scope(self) -> Mapping[str, Any]:
        """Its variables now."""
        return self.entry.scope()

    def picture(self) -> str:
        """Its diagram as SVG, with the path that it took, where it waits and its incidents.

        Returns:
            The text of the SVG.

        Raises:
            LookupError: its diagram was not deployed by this test.
        """
        from workflow_devkit.testing._observed.instance_picture import draw  # noqa: PLC0415 - 40 ms

        return draw(self.diagrams.definitions_of(self.process_id), [self.entry])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instance) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Instance({self.process_id}, {self.key})"
