"""Prometheus metrics of a service; docs/reference/metrics.md lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

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
from workflow_runtime.telemetry.gauges import Reading
from workflow_runtime.telemetry.labels import Bounds, Labelled

__all__ = ["Metrics"]

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""Bounds in seconds: handlers take milliseconds, or wait for other systems for an hour."""
_DELAYS = (0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800)
"""Bounds in seconds: an alert is sent at once, or again for some minutes."""
_RETRIES = (0, 1, 2, 3, 5, 10, 25, 50, 100)
_OF_JOBS = ("completed", "failed", "incident", "bpmn_error", "handed_back", "gone", "unsent")
_OF_EVENTS = ("published", "duplicate", "failed", "dropped", "parked")
_OF_ALERTS = ("sent", "delayed", "lost")
_STATES = ("watching", "standby", "blind")


class Metrics(Observer):
    """Counts what the service does, into a registry of its own.

    Labels are names from diagrams and code (task types, elements, events), outcomes and gRPC
    codes: never keys or values. Names that a program makes up as it goes end as ``other``.

    Args:
        service_name: the service, in ``workflow_runtime_info``.
        job_types: the task types that it works on.
        channels: the names of its alert channels.
    """

    def __init__(
        self,
        service_name: str = "",
        *,
        job_types: Iterable[str] = (),
        channels: Iterable[str] = (),
    ) -> None:
        # Its own: that of the process takes each name once, and a process may run two services.
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._bounds = Bounds()
        self._make_those_of_jobs()
        self._make_the_others()
        self._gauge("runtime_info", "Always 1", "service_name", "version")(
            service_name, _version()
        ).set(1)
        self._begin(job_types, channels)

    def _make_those_of_jobs(self) -> None:
        count = self._counter
        self._activated = count("jobs_activated", "Jobs fetched", "type")
        self._jobs = count("jobs", "Jobs by what became of them", "type", "outcome")
        self._seconds = self._histogram("job_duration_seconds", "Run time of handlers", _DURATIONS)
        self._queued = self._histogram("job_queue_seconds", "From fetched to handler", _DURATIONS)
        self._retries = self._histogram("job_retries_left", "Retries left, at a failure", _RETRIES)
        self._heartbeats = count("job_heartbeats", "Timeouts extended", "type")
        self._resends = count("command_resends", "Commands sent again", "command", "status")
        self._polls = count("polls", "Polls by gRPC status", "type", "status")

    def _make_the_others(self) -> None:
        count, gauge = self._counter, self._gauge
        place = "process_id", "element_id", "error_type"
        self._incidents = count("incidents", "Incidents raised or found", *place)
        self._resolved = count("incidents_resolved", "Incidents that ended well", "process_id")
        self._open = gauge("incidents_open", "Open incidents", "process_id")
        self._open_processes: set[str] = set()
        self._watcher = gauge("watcher_state", "1 for the state it is in", "state")
        self._alerts = count("alerts", "Alerts by what became of them", "channel", "outcome")
        text = "From a notice to its end in a channel"
        self._delay = self._histogram("alert_delay_seconds", text, _DELAYS, "channel")
        self._waiting = gauge("alerts_waiting", "Alerts not taken yet", "channel")
        self._late = gauge("alerts_oldest_seconds", "How long the oldest of them waits", "channel")
        self._events = count("events", "Events by what became of them", "event", "outcome")
        self._outbox = gauge("outbox_events", "Events in the outbox", "state")
        text = "How long the oldest event waits in the outbox."
        self._oldest = Reading("workflow_outbox_oldest_seconds", text)
        self._outbox_up = Reading("workflow_outbox_up", "1 while the outbox works.")
        self.registry.register(self._oldest)
        self.registry.register(self._outbox_up)

    def _begin(self, job_types: Iterable[str], channels: Iterable[str]) -> None:
        # A counter that has just appeared has no increase: what can be is there from the start.
        for job_type in job_types:
            for metric in (self._activated, self._seconds, self._queued, self._retries):
                metric(job_type)
            self._heartbeats(job_type)
            self._polls(job_type, "OK")
            for outcome in _OF_JOBS:
                self._jobs(job_type, outcome)
        for channel in channels:
            self._delay(channel)
            self.alerts_waiting(channel, 0, 0)
            for outcome in _OF_ALERTS:
                self._alerts(channel, outcome)

    def _counter(self, name: str, text: str, *labels: str) -> Labelled[Counter]:
        metric = Counter(f"workflow_{name}", f"{text}.", labels, registry=self.registry)
        return Labelled(metric, labels, self._bounds)

    def _gauge(self, name: str, text: str, *labels: str) -> Labelled[Gauge]:
        metric = Gauge(f"workflow_{name}", f"{text}.", labels, registry=self.registry)
        return Labelled(metric, labels, self._bounds)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], label: str = "type"
    ) -> Labelled[Histogram]:
        metric = Histogram(
            f"workflow_{name}", f"{text}.", (label,), buckets=buckets, registry=self.registry
        )
        return Labelled(metric, (label,), self._bounds)

    @override
    def job_activated(self, job: ActivatedJob) -> None:
        self._activated(job.job_type).inc()

    @override
    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        self._jobs(job.job_type, outcome).inc()
        self._seconds(job.job_type).observe(seconds)
        self._queued(job.job_type).observe(wait_seconds)
        # What is left after this attempt; ``retries`` counts the attempt itself.
        if outcome in {"failed", "incident"}:
            self._retries(job.job_type).observe(max(0, job.retries - 1))

    @override
    def command_resent(self, command: str, status: str) -> None:
        self._resends(command, status).inc()

    @override
    def heartbeat(self, job_type: str) -> None:
        self._heartbeats(job_type).inc()

    @override
    def poll_ok(self, job_type: str) -> None:
        self._polls(job_type, "OK").inc()

    @override
    def poll_failed(self, job_type: str, status: str) -> None:
        self._polls(job_type, status).inc()

    @override
    def incident_raised(self, alert: IncidentAlert) -> None:
        self._incidents(alert.process_id, alert.element_id, alert.error_type).inc()

    @override
    def incident_found(self, alert: IncidentAlert) -> None:
        # One that no worker has raised, hence not counted twice.
        self.incident_raised(alert)

    @override
    def incident_resolved(self, process_id: str, instance_key: int, key: int) -> None:
        self._resolved(process_id).inc()

    @override
    def incidents_open(self, counts: Mapping[str, int]) -> None:
        # A process that has no incident any more is 0, not gone.
        now = dict.fromkeys(self._open_processes, 0)
        for process_id, count in counts.items():
            label = self._bounds.within({"process_id": process_id})["process_id"]
            now[label] = now.get(label, 0) + count
        self._open_processes |= now.keys()
        for label, count in now.items():
            self._open.metric.labels(label).set(count)

    @override
    def incidents_unwatched(self) -> None:
        self._open.metric.clear()

    @override
    def watcher_state(self, state: str) -> None:
        for each in {*_STATES, state}:
            self._watcher(each).set(each == state)

    @override
    def alert_ended(self, channel: str, outcome: str, seconds: float) -> None:
        self._alerts(channel, outcome).inc()
        self._delay(channel).observe(seconds)

    @override
    def alerts_waiting(self, channel: str, waiting: int, oldest: float) -> None:
        self._waiting(channel).set(waiting)
        self._late(channel).set(oldest)

    @override
    def event_published(self, name: str, outcome: str) -> None:
        self._event(name, outcome)

    @override
    def event_parked(self, name: str, event_id: str, reason: str) -> None:
        self._event(name, "parked")

    def _event(self, name: str, outcome: str) -> None:
        for each in _OF_EVENTS:
            self._events(name, each)
        self._events(name, outcome).inc()

    @override
    def outbox_state(self, waiting: int, parked: int, oldest: float) -> None:
        self._outbox_up.value = 1
        self._outbox.metric.labels("waiting").set(waiting)
        self._outbox.metric.labels("parked").set(parked)
        self._oldest.value = oldest

    @override
    def outbox_away(self) -> None:
        self._outbox_up.value = 0
        self._outbox.metric.clear()
        self._oldest.value = None


def _version() -> str:
    try:
        return version("zeebe-workflow-runtime")
    except PackageNotFoundError:
        return "unknown"
