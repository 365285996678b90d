"""Seeing into a service: health, metrics, logs, traces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from workflow_runtime.companion import Companion
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.telemetry.signals import Observer
    from workflow_runtime.telemetry.tracing import Tracing


@dataclass(slots=True)
class Insight:
    """Who watches a service, and what runs beside it."""

    observers: list[Observer] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    tracing: Tracing | None = None


def insight_of(settings: WorkflowSettings) -> Insight:
    """What the settings ask for.

    Raises:
        ConfigurationError: tracing is on and OpenTelemetry is not installed.
    """
    # Imported where it is wanted: it would slow down everything else.
    insight = Insight()
    if settings.tracing:
        insight.tracing = _tracing()
        insight.observers.append(insight.tracing)
    if settings.health_port is not None:
        from workflow_runtime.telemetry.http import HealthServer  # noqa: PLC0415
        from workflow_runtime.telemetry.metrics import Metrics  # noqa: PLC0415

        metrics = Metrics()
        insight.observers.append(metrics)
        insight.companions.append(
            HealthServer(settings.health_host, settings.health_port, metrics.registry)
        )
    return insight


def _tracing() -> Tracing:
    try:
        from workflow_runtime.telemetry.tracing import Tracing  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError(
            "tracing needs OpenTelemetry: pip install 'zeebe-workflow-runtime[telemetry]'"
        ) from None
    return Tracing()
