"""The process instances of one test, also those that it did not start itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workflow_devkit.testing._environments.instance import Instance
from workflow_devkit.testing._environments.observed_gateway import Caused
from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_devkit.testing._observed.description import state_of
from workflow_devkit.testing._observed.entries import InstanceEntry
from workflow_devkit.testing._observed.journal import Journal
from workflow_runtime.closest import did_you_mean
from workflow_runtime.visible import visible

__all__ = ["Instances"]

_MISSING = object()
"""Not None: that is a value which a variable may have."""


class Instances:
    """Finds process instances by what they run and what they hold.

    Args:
        journal: where everything that happens is written down.
        diagrams: the diagrams of the test.
    """

    def __init__(self, journal: Journal, diagrams: Diagrams) -> None:
        self._journal = journal
        self._diagrams = diagrams

    def of(self, process_id: str, scope: Mapping[str, Any]) -> list[Instance]:
        """The instances of a process that have begun, in their order; of all where it is empty.

        Raises:
            AssertionError: no diagram of the test has such a process.
        """
        self._check(process_id)
        return [
            Instance(each.key, each.process_id, self._journal, self._diagrams)
            for each in self._begun()
            if process_id in ("", each.process_id) and _holds(each, scope)
        ]

    def only(self, process_id: str, scope: Mapping[str, Any]) -> Instance:
        """The one instance of a process with these variables.

        Raises:
            AssertionError: there is none, or there are several; shows those that there are.
        """
        found = self.of(process_id, scope)
        if len(found) == 1:
            return found[0]
        wanted = f"one instance of {process_id!r}" + (f" with {_shown(scope)}" if scope else "")
        if found:
            remedy = f"name a variable of the one that is meant: instance({process_id!r}, name=...)"
            problem = (
                f"expected {wanted}, but there are {len(found)}; {remedy}, or take instances()"
            )
            shown = [each.entry for each in found]
        else:
            problem, shown = f"expected {wanted}, but there is none", list(self._begun())
            problem += "; there are:" if shown else ", nor of any other process"
        raise AssertionError(visible("\n".join([problem, *map(_line, shown)])))

    def active_of(self, caused: Caused) -> list[int]:
        """The keys of those that a test has caused and that are not known to have ended."""
        # Others may work with the same processes on a broker: theirs go on. What an instance has
        # called ends with it.
        by_message = {
            key for key, message in self._journal.started_by.items() if message in caused.messages
        }
        known = self._journal.instances
        return [
            key
            for key in sorted(caused.instances | by_message)
            if key not in known or known[key].is_active
        ]

    def _begun(self) -> Iterator[InstanceEntry]:
        return (each for each in self._journal.instances.values() if each.begun)

    def _check(self, process_id: str) -> None:
        # A misspelt id would let a test pass that expects no instance.
        known = {*self._diagrams.process_ids(), *(each.process_id for each in self._begun())}
        if process_id and process_id not in known:
            hint = did_you_mean(process_id, known) or f"known: {', '.join(sorted(known))}."
            raise AssertionError(visible(f"no process {process_id!r} in this test; {hint}"))


def _holds(entry: InstanceEntry, scope: Mapping[str, Any]) -> bool:
    found = entry.scope()
    return all(found.get(name, _MISSING) == value for name, value in scope.items())


def _line(entry: InstanceEntry) -> str:
    return f"  {entry.process_id} ({entry.key}) {state_of(entry)} {_shown(entry.scope())}"


def _shown(scope: Mapping[str, Any]) -> str:
    return json.dumps(scope, ensure_ascii=False, default=str)
