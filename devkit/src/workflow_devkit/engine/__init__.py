"""The embedded engine: Zeebe's semantics in process, for development and tests."""

from workflow_devkit.engine.clock import ControlledClock, EngineClock, SystemClock
from workflow_devkit.engine.engine import Engine
from workflow_devkit.engine.records import Record, RecordLog

__all__ = ["ControlledClock", "Engine", "EngineClock", "Record", "RecordLog", "SystemClock"]
