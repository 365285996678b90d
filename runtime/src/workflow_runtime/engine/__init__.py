"""The embedded engine: Zeebe's semantics in process, for development and tests."""

from workflow_runtime.engine.clock import ControlledClock, EngineClock, SystemClock
from workflow_runtime.engine.engine import Engine
from workflow_runtime.engine.records import Record, RecordLog

__all__ = ["ControlledClock", "Engine", "EngineClock", "Record", "RecordLog", "SystemClock"]
