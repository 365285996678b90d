"""Seeing into a service: health, metrics, logs, traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_runtime.companion import Companion
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.telemetry.signals import Observer


def seeing_into(settings: WorkflowSettings) -> tuple[list[Observer], list[Companion]]:
    """What the settings ask for: who watches, and what runs beside the service."""
    if settings.health_port is None:
        return [], []
    # Imported where it is wanted: it would slow down everything else.
    from workflow_runtime.telemetry.http import HealthServer  # noqa: PLC0415
    from workflow_runtime.telemetry.metrics import Metrics  # noqa: PLC0415

    metrics = Metrics()
    server = HealthServer(settings.health_host, settings.health_port, metrics.registry)
    return [metrics], [server]
