"""Tests of handlers and processes: a pytest plugin, fixtures and assertions.

The fixtures ``task_environment`` and ``process_environment`` come with the plugin, which runs async
tests that take them; only `assert_that` and `assert_contract` have to be imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_devkit.testing._assertions.contract_assertion import assert_contract
    from workflow_devkit.testing._assertions.instance_assertions import (
        InstanceAssertions,
        assert_that,
    )
    from workflow_devkit.testing._environments.faults import Faults
    from workflow_devkit.testing._environments.instance import Instance
    from workflow_devkit.testing._environments.mock import Mock
    from workflow_devkit.testing._environments.process import Process
    from workflow_devkit.testing._environments.process_environment import ProcessEnvironment
    from workflow_devkit.testing._environments.task_environment import (
        TaskEnvironment,
        TaskExecution,
        TaskOutcome,
    )

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
    "Faults": "_environments.faults",
    "Instance": "_environments.instance",
    "InstanceAssertions": "_assertions.instance_assertions",
    "Mock": "_environments.mock",
    "Process": "_environments.process",
    "ProcessEnvironment": "_environments.process_environment",
    "TaskEnvironment": "_environments.task_environment",
    "TaskExecution": "_environments.task_environment",
    "TaskOutcome": "_environments.task_environment",
    "assert_contract": "_assertions.contract_assertion",
    "assert_that": "_assertions.instance_assertions",
}
"""Where each public name is defined, below this package."""


def __getattr__(name: str) -> Any:
    """Loads a public name when it is used: every pytest run imports this package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
