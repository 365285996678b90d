"""Which events code publishes: typed ones, and those that are named where they are published."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, Final

from workflow_devkit.check.model_fields import given_by
from workflow_devkit.check.service_model import EventFacts
from workflow_devkit.check.source_unit import SourceUnit, calls, value_of
from workflow_runtime.publishing.model import WorkflowEvent

__all__ = ["named_events", "typed_events"]

_PUBLISHING: Final = frozenset({"publish_event", "publish_later"})


def typed_events(modules: Iterable[ModuleType]) -> Iterator[EventFacts]:
    """Typed events that are defined in these modules."""
    for module in modules:
        for found in vars(module).values():
            # Where it is defined, not where it is imported.
            if _is_event(found) and found.__module__ == module.__name__:
                yield _facts(found)


def named_events(units: Iterable[SourceUnit]) -> Iterator[EventFacts]:
    """Events that these modules publish by name."""
    for unit in units:
        for _, node in calls(unit):
            # By the name of the method: which object it belongs to is not known without running it.
            if getattr(node.func, "attr", "") in _PUBLISHING and node.args:
                name = value_of(node.args[0], unit.names)
                if isinstance(name, str):
                    file = str(unit.names.get("__file__", ""))
                    # A member of a StrEnum of `workflow constants` is quoted as the plain text.
                    yield EventFacts(str(name), file, node.lineno)


def _is_event(found: Any) -> bool:
    # A base class of events has no name of its own.
    return inspect.isclass(found) and issubclass(found, WorkflowEvent) and bool(found.event_name)


def _facts(event: type[WorkflowEvent]) -> EventFacts:
    try:
        file, line = inspect.getsourcefile(event) or "", inspect.getsourcelines(event)[1]
    except (OSError, TypeError):
        file, line = "", 0
    return EventFacts(str(event.event_name), file, line, given_by(event))
