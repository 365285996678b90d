"""Assertions on process instances that read like sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, Protocol, Self

from workflow_devkit.testing._observed.deployed_diagrams import Diagrams
from workflow_devkit.testing._observed.description import description_of, state_of
from workflow_devkit.testing._observed.entries import IncidentEntry, InstanceEntry
from workflow_runtime.visible import visible

__all__ = ["InstanceAssertions", "assert_that"]

# Not None: that is a value which a variable may have.
_MISSING = object()


class Observed(Protocol):
    """What can be asserted on: an instance of a process environment."""

    @property
    def entry(self) -> InstanceEntry:
        """What is known of it."""
        ...

    @property
    def diagrams(self) -> Diagrams:
        """The diagrams of its test."""
        ...


def assert_that(instance: Observed) -> InstanceAssertions:
    """Begins a sentence about a process instance.

    Each word of it raises AssertionError that shows the path taken, where the instance waits, its
    scope, open jobs and incidents. Call ``await process.wait_idle()`` before.

    Args:
        instance: what `Process.start`, `Process.instance` or `Process.instances` has returned.

    Returns:
        The beginning of the sentence: ``assert_that(instance).is_completed()``.

    Raises:
        TypeError: something else is given, such as the result of `Workflow.start_process`.
    """
    __tracebackhide__ = True
    if not hasattr(instance, "entry"):
        raise TypeError(
            f"assert_that: expected an instance of the test kit, found {type(instance).__name__}; "
            "process.start(process_id) gives one, and await process.instance(process_id) one that "
            "was started otherwise"
        )
    return InstanceAssertions(instance)


class InstanceAssertions:
    """What can be said of a process instance; each sentence can be continued by the next.

    Args:
        instance: the instance that they are about.
    """

    def __init__(self, instance: Observed) -> None:
        self._instance = instance
        self._entry = instance.entry
        self._diagrams = instance.diagrams

    def is_completed(self) -> Self:
        """Asserts that it has reached its end."""
        # pytest leaves functions with this name out of its tracebacks, here and below: a failure
        # points to the test's own line (docs: "Writing well integrated assertion helpers").
        __tracebackhide__ = True
        return self._check_state("completed")

    def is_active(self) -> Self:
        """Asserts that it has neither completed nor been cancelled."""
        __tracebackhide__ = True
        return self._check_state("active")

    def is_cancelled(self) -> Self:
        """Asserts that it was cancelled (terminated, in Zeebe's records)."""
        __tracebackhide__ = True
        return self._check_state("cancelled")

    def is_waiting_at(self, *element_ids: str) -> Self:
        """Asserts that it waits at each of these elements.

        Args:
            element_ids: ids in the diagram.
        """
        __tracebackhide__ = True
        self._check_ids(element_ids)
        waiting = self._entry.waiting_at()
        if missing := [each for each in element_ids if each not in waiting]:
            self._fail(f"to be waiting at {self._named(missing)}")
        return self

    def has_passed(self, *element_ids: str, times: int | None = None) -> Self:
        """Asserts that it has completed these elements or taken these flows, in any order.

        Args:
            element_ids: ids in the diagram.
            times: how often each of them, exactly; without it, at least once.

        A flow behind an event-based gateway counts as not taken: no record tells of it.
        """
        __tracebackhide__ = True
        self._check_ids(element_ids)
        passed = self._entry.path + self._entry.taken
        if missing := [each for each in element_ids if each not in passed]:
            self._fail(f"to have passed {self._named(missing)}")
        for each in element_ids if times is not None else ():
            if passed.count(each) != times:
                self._fail(f"to have passed {each} {times} times, not {passed.count(each)}")
        return self

    def has_passed_in_order(self, *element_ids: str) -> Self:
        """Asserts that it has completed these elements in this order; others may lie between.

        Args:
            element_ids: ids of elements in the diagram; flows have no place in this order.
        """
        __tracebackhide__ = True
        self._check_ids(element_ids)
        # `in` takes from the iterator up to what it finds: the next one is looked for behind it.
        rest = iter(self._entry.path)
        if missing := [each for each in element_ids if each not in rest]:
            self._fail(
                f"to have passed {' -> '.join(element_ids)}; {missing[0]} is not in its place"
            )
        return self

    def has_not_passed(self, *element_ids: str) -> Self:
        """Asserts that it has completed none of these elements and taken none of these flows.

        Args:
            element_ids: ids of elements or flows in the diagram.
        """
        __tracebackhide__ = True
        self._check_ids(element_ids)
        passed = {*self._entry.path, *self._entry.taken}
        if wrong := [each for each in element_ids if each in passed]:
            self._fail(f"not to have passed {self._named(wrong)}")
        return self

    def has_scope(self, **expected: Any) -> Self:
        """Asserts that its scope holds these variables with these values, among others.

        Args:
            expected: by name, the value of a variable.
        """
        __tracebackhide__ = True
        scope = self._entry.scope()
        differences = [
            _difference(name, value, scope.get(name, _MISSING))
            for name, value in expected.items()
            if scope.get(name, _MISSING) != value
        ]
        if differences:
            self._fail("to have another scope:\n" + "\n".join(differences))
        return self

    def has_no_variable(self, *names: str) -> Self:
        """Asserts that its scope holds none of these variables.

        Args:
            names: the names of the variables.
        """
        __tracebackhide__ = True
        if present := [name for name in names if name in self._entry.scope()]:
            self._fail(f"to have no variable {', '.join(present)}")
        return self

    def has_incident(self, element_id: str | None = None, *, message: str = "") -> WithIncident:
        """Asserts that it has an open incident.

        Args:
            element_id: where; without it, anywhere.
            message: a text that the incident's message contains.

        Returns:
            The sentence, which knows the incident: ``key``, ``element_id``, ``error_type``,
            ``message``, ``job_key``.
        """
        __tracebackhide__ = True
        self._check_ids([element_id] if element_id else [])
        found = [i for i in self._entry.incidents.values() if _fits(i, element_id, message)]
        if not found:
            place = f" at {self._named([element_id])}" if element_id else ""
            self._fail(f"to have an incident{place}" + (f" with {message!r}" if message else ""))
        return WithIncident(self._instance, found[0])

    def has_no_incident(self) -> Self:
        """Asserts that it has no open incident."""
        __tracebackhide__ = True
        if self._entry.incidents:
            self._fail("to have no incident")
        return self

    def _check_state(self, state: str) -> Self:
        __tracebackhide__ = True
        if state_of(self._entry) != state:
            self._fail(f"to be {state}")
        return self

    def _check_ids(self, element_ids: Iterable[str]) -> None:
        __tracebackhide__ = True
        # A misspelt id would let every sentence with "not" pass.
        for element_id in element_ids:
            if problem := self._diagrams.problem_with(self._entry.process_id, element_id):
                raise AssertionError(visible(problem))

    def _named(self, element_ids: Iterable[str]) -> str:
        process_id = self._entry.process_id
        return ", ".join(self._diagrams.describe(process_id, each) for each in element_ids)

    def _fail(self, expectation: str) -> NoReturn:
        __tracebackhide__ = True
        who = f"{self._entry.process_id} ({self._entry.key})"
        found = description_of(self._entry, self._diagrams)
        raise AssertionError(visible(f"expected {who} {expectation}\n{found}"))


class WithIncident(InstanceAssertions):
    """A sentence that has found an incident."""

    def __init__(self, instance: Observed, incident: IncidentEntry) -> None:
        super().__init__(instance)
        self.key = incident.key
        self.job_key = incident.job_key
        self.element_id = incident.element_id
        self.error_type = incident.error_type
        self.message = incident.message


def _difference(name: str, expected: Any, actual: Any) -> str:
    found = "is missing" if actual is _MISSING else f"is {actual!r}"
    return f"  {name:<10} {found}, expected {expected!r}"


def _fits(incident: IncidentEntry, element_id: str | None, message: str) -> bool:
    return message in incident.message and element_id in (None, incident.element_id)
