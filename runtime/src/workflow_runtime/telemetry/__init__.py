"""Seeing into a service: health, metrics, logs, traces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.trace_context import TraceContext

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.lifespan import LifespanHook
    from workflow_runtime.observers import Observer
    from workflow_runtime.telemetry.tracing import Tracing


@dataclass(slots=True)
class Telemetry:
    """Who watches a service, and what runs beside it."""

    observers: list[Observer] = field(default_factory=list)
    lifespan_hooks: list[LifespanHook] = field(default_factory=list)
    tracing: TraceContext = field(default_factory=TraceContext)


def telemetry_of(settings: WorkflowSettings) -> Telemetry:
    """What the settings ask for.

    Raises:
        ConfigurationError: tracing is on and OpenTelemetry is not installed.
    """
    # Imported where it is wanted: it would slow down everything else.
    telemetry = Telemetry()
    if settings.tracing:
        telemetry.tracing = tracing = _tracing()
        telemetry.observers.append(tracing)
    if settings.health_port is not None:
        from workflow_runtime.telemetry.http import HealthServer  # noqa: PLC0415
        from workflow_runtime.telemetry.metrics import Metrics  # noqa: PLC0415

        metrics = Metrics()
        telemetry.observers.append(metrics)
        telemetry.lifespan_hooks.append(
            HealthServer(settings.health_host, settings.health_port, metrics.registry)
        )
    return telemetry


def _tracing() -> Tracing:
    try:
        from workflow_runtime.telemetry.tracing import Tracing  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError(
            "tracing needs OpenTelemetry: pip install 'zeebe-workflow-runtime[telemetry]'"
        ) from None
    return Tracing()
