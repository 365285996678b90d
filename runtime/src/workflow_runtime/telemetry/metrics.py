"""Prometheus metrics of a service; docs/reference/metrics.md lists them."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from typing_extensions import override

from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.observers import IncidentAlert, Observer

__all__ = ["Metrics"]

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""Bounds in seconds: handlers take milliseconds, or wait for other systems for an hour."""
_RETRIES = (0, 1, 2, 3, 5, 10, 25, 50, 100)
_MOST_VALUES = 200
"""Label values of one metric: each one is a time series of its own in Prometheus."""
OTHER = "other"


class _Known:
    """Keeps a label from growing without bound: what comes after the limit is ``other``."""

    def __init__(self, limit: int = _MOST_VALUES) -> None:
        self._limit = limit
        self._values: set[tuple[str, ...]] = set()

    def __call__(self, *values: str) -> tuple[str, ...]:
        if values not in self._values:
            if len(self._values) >= self._limit:
                return (OTHER,) * len(values)
            self._values.add(values)
        return values


class Metrics(Observer):
    """Counts what the worker does, into a registry of its own.

    Labels are names from diagrams and code (task types, elements, events), outcomes and gRPC
    codes: never keys or values. Names that a program makes up as it goes end as ``other``.
    """

    def __init__(self) -> None:
        # Its own: that of the process takes each name once, and a process may run two services.
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        count, measure = self._counter, self._histogram
        self._activated = count("jobs_activated", "Jobs fetched", "type")
        self._jobs = count("jobs", "Jobs by what became of them", "type", "outcome")
        self._seconds = measure("job_duration_seconds", "Run time of handlers", _DURATIONS)
        self._queued = measure("job_queue_seconds", "From fetched to handler", _DURATIONS)
        self._retries = measure("job_retries_left", "Retries left as a job fails", _RETRIES)
        self._heartbeats = count("job_heartbeats", "Timeouts extended", "type")
        self._resends = count("command_resends", "Commands sent again", "command", "status")
        self._polls = count("polls", "Polls by gRPC status", "type", "status")
        self._incidents = count(
            "incidents", "Incidents seen", "process_id", "element_id", "error_type"
        )
        self._resolved = count("incidents_resolved", "Incidents that ended well", "process_id")
        self._events = count("events", "Events by what became of them", "event", "outcome")
        self._open = Gauge(
            "workflow_incidents_open", "Open incidents.", ("process_id",), registry=self.registry
        )
        self._open_processes: set[str] = set()
        self._outbox = Gauge(
            "workflow_outbox_events", "Events in the outbox.", ("state",), registry=self.registry
        )
        self._oldest = Gauge(
            "workflow_outbox_oldest_seconds",
            "How long the oldest event waits in the outbox.",
            registry=self.registry,
        )
        self._event_names, self._places, self._processes = _Known(), _Known(), _Known()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"workflow_{name}", f"{text}.", labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"workflow_{name}", f"{text}.", ("type",), buckets=buckets, registry=self.registry
        )

    @override
    def job_activated(self, job: ActivatedJob) -> None:
        self._activated.labels(job.job_type).inc()

    @override
    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        self._jobs.labels(job.job_type, outcome).inc()
        self._seconds.labels(job.job_type).observe(seconds)
        self._queued.labels(job.job_type).observe(wait_seconds)
        # What is left after this attempt; ``retries`` counts the attempt itself.
        if outcome in {"failed", "incident"}:
            self._retries.labels(job.job_type).observe(max(0, job.retries - 1))

    @override
    def command_resent(self, command: str, status: str) -> None:
        self._resends.labels(command, status).inc()

    @override
    def heartbeat(self, job_type: str) -> None:
        self._heartbeats.labels(job_type).inc()

    @override
    def poll_ok(self, job_type: str) -> None:
        self._polls.labels(job_type, "OK").inc()

    @override
    def poll_failed(self, job_type: str, status: str) -> None:
        self._polls.labels(job_type, status).inc()

    @override
    def incident_raised(self, alert: IncidentAlert) -> None:
        place = self._places(alert.process_id, alert.element_id, alert.error_type)
        self._incidents.labels(*place).inc()

    @override
    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        self._resolved.labels(*self._processes(process_id)).inc()

    @override
    def incidents_open(self, counts: Mapping[str, int]) -> None:
        # A process that has no incident any more is 0, not gone.
        now = dict.fromkeys(self._open_processes, 0)
        for process_id, count in counts.items():
            (label,) = self._processes(process_id)
            now[label] = now.get(label, 0) + count
        self._open_processes |= now.keys()
        for label, count in now.items():
            self._open.labels(label).set(count)

    @override
    def event_published(self, name: str, outcome: str) -> None:
        self._events.labels(*self._event_names(name), outcome).inc()

    @override
    def event_parked(self, name: str, event_id: str, reason: str) -> None:
        self._events.labels(*self._event_names(name), "parked").inc()

    @override
    def outbox_state(self, waiting: int, parked: int, oldest: float) -> None:
        self._outbox.labels("waiting").set(waiting)
        self._outbox.labels("parked").set(parked)
        self._oldest.set(oldest)
