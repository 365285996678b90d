"""The embedded engine: Zeebe's semantics in process, for development and tests.

Its names are loaded when they are used: lint needs the deploy rules, which is a tenth of it.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_devkit.engine.clock import ControlledClock, EngineClock, SystemClock
    from workflow_devkit.engine.engine import Engine
    from workflow_devkit.engine.records import Record, RecordLog

__all__ = ["ControlledClock", "Engine", "EngineClock", "Record", "RecordLog", "SystemClock"]

_HOME = {
    "ControlledClock": "clock", "EngineClock": "clock", "SystemClock": "clock",
    "Engine": "engine", "Record": "records", "RecordLog": "records",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_import_module(f"{__name__}.{_HOME[name]}"), name)
