"""Tests of handlers and processes: a pytest plugin, fixtures and assertions.

The fixtures ``task_environment`` and ``process_environment`` come with the plugin; only
`assert_that` and `assert_contract` have to be imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_devkit.testing._assertions import InstanceAssertions, assert_that
    from workflow_devkit.testing._contract import assert_contract
    from workflow_devkit.testing._faults import Faults
    from workflow_devkit.testing._instance import Instance, Mock
    from workflow_devkit.testing._process import Process, ProcessEnvironment
    from workflow_devkit.testing._task import TaskEnvironment, TaskExecution, TaskOutcome

__all__ = [
    "Faults",
    "Instance",
    "InstanceAssertions",
    "Mock",
    "Process",
    "ProcessEnvironment",
    "TaskEnvironment",
    "TaskExecution",
    "TaskOutcome",
    "assert_contract",
    "assert_that",
]

_HOMES = {
    "Faults": "_faults",
    "Instance": "_instance",
    "InstanceAssertions": "_assertions",
    "Mock": "_instance",
    "TaskEnvironment": "_task",
    "TaskExecution": "_task",
    "TaskOutcome": "_task",
    "assert_contract": "_contract",
    "assert_that": "_assertions",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is used: every pytest run imports this package."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as above

    home = import_module(f"{__name__}.{_HOMES.get(name, '_process')}")
    return getattr(home, name)
