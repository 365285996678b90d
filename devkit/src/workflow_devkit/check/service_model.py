"""What the rules have to know of a service's code, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from workflow_runtime.bpmn.model import Element

__all__ = ["EventFacts", "HandlerFacts", "ServiceModel"]

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class HandlerFacts:
    """One handler.

    Attributes:
        job_type: the task type that it works on.
        name: what people call it.
        file: where its source is; empty if that is not known.
        line: where it begins in ``file``, from 1; 0 if that is not known.
        asks: variables without which it does not run; any name of a group will do.
        nullable: those of them that may be null.
        gives: variables of its result, None where that is not known.
        raises: codes of the BPMN errors that it is seen to raise.
        attempts: ``incident_max_retries``.
    """

    job_type: str
    name: str
    file: str = ""
    line: int = 0
    asks: tuple[tuple[str, ...], ...] = ()
    nullable: Names = frozenset()
    gives: Names | None = None
    raises: Names = frozenset()
    attempts: int | None = None


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event that the service can publish; ``gives`` is None where its scope is not known."""

    name: str
    file: str = ""
    line: int = 0
    gives: Names | None = None


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A service as its diagrams see it.

    Attributes:
        handlers: by task type.
        events: those that the code publishes, by name.
        external: patterns (``otherService_*``) of task types that other services work on.
        starts: by process, the variables that every instance starts with, if that is known.
        raised: error codes that the code raises anywhere; None where some cannot be read.
        linked: kinds and ids of the decisions and forms that it deploys; None where not known.
    """

    handlers: Mapping[str, HandlerFacts] = field(default_factory=dict)
    events: Mapping[str, EventFacts] = field(default_factory=dict)
    external: tuple[str, ...] = ()
    starts: Mapping[str, Names] = field(default_factory=dict)
    raised: Names | None = None
    linked: frozenset[tuple[str, str]] | None = None

    def is_external(self, job_type: str) -> bool:
        """Whether another service works on tasks of this type."""
        # Not `fnmatch`, which ignores case on Windows: task types are compared letter by letter.
        return any(fnmatchcase(job_type, pattern) for pattern in self.external)

    def handled(
        self, jobs: Iterable[tuple[str, Element, str]]
    ) -> Iterator[tuple[str, Element, HandlerFacts]]:
        """Those of ``jobs`` (file, element, task type) that have a handler, with the handler."""
        for file, element, job_type in jobs:
            if handler := self.handlers.get(job_type):
                yield file, element, handler
