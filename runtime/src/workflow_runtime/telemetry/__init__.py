"""Health, metrics, logs and traces of a service, as its settings ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.extras import how_to_install
from workflow_runtime.telemetry.redaction import redaction_of
from workflow_runtime.trace_context import TraceContext

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.lifespan import LifespanHook
    from workflow_runtime.observers import Observer
    from workflow_runtime.telemetry.tracing import Tracing


@dataclass(slots=True)
class Telemetry:
    """What the settings of one service ask for.

    Attributes:
        observers: who is told what the worker does.
        lifespan_hooks: what starts and stops with the service.
        tracing: how the context of traces travels in scopes.
    """

    observers: list[Observer] = field(default_factory=list)
    lifespan_hooks: list[LifespanHook] = field(default_factory=list)
    tracing: TraceContext = field(default_factory=TraceContext)


def telemetry_of(
    settings: WorkflowSettings, *, job_types: Iterable[str] = (), channels: Iterable[str] = ()
) -> Telemetry:
    """Makes what the settings ask for; nothing is started yet.

    Args:
        settings: of the service; ``health_port`` and ``tracing`` decide.
        job_types: the task types that it works on.
        channels: the names of its alert channels.

    Raises:
        ConfigurationError: tracing is on and OpenTelemetry is not installed.
    """
    telemetry = Telemetry()
    if settings.tracing:
        telemetry.tracing = tracing = _tracing(settings)
        telemetry.observers.append(tracing)
    if settings.health_port is not None:
        # A third of a second of CPU, for aiohttp and prometheus_client, that only the port needs.
        from workflow_runtime.telemetry.http import HealthServer  # noqa: PLC0415 - see above
        from workflow_runtime.telemetry.metrics import Metrics  # noqa: PLC0415 - see above

        metrics = Metrics(settings.service_name, job_types=job_types, channels=channels)
        telemetry.observers.append(metrics)
        telemetry.lifespan_hooks.append(
            HealthServer(settings.health_host, settings.health_port, metrics.registry)
        )
    return telemetry


def _tracing(settings: WorkflowSettings) -> Tracing:
    try:
        from workflow_runtime.telemetry.tracing import Tracing  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigurationError(
            f"tracing needs OpenTelemetry: {how_to_install('telemetry')}"
        ) from None
    texts = redaction_of(settings) if settings.log_exception_texts else None
    return Tracing(texts=texts)
