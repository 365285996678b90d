"""Metrics of the present state: read from the service's health when they are fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from workflow_runtime.health import Health, TypeHealth

__all__ = ["HealthGauges"]

_Row = tuple[str, str, Callable[[TypeHealth], float | None]]

_BY_TYPE: tuple[_Row, ...] = (
    ("jobs_in_flight", "Jobs in hand", lambda t: t.running),
    ("job_oldest_seconds", "How long the oldest job in hand runs", lambda t: t.oldest_running),
    ("poll_age_seconds", "Since the last answered poll", lambda t: t.last_ok_age),
)


class HealthGauges(Collector):
    """Gauges from a snapshot; ``health`` is called once for each scrape, in any thread."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gives one gauge for each figure; prometheus_client calls it at each scrape."""
        health = self._health()
        yield _single("live", "1 while the event loop and all poll loops turn", health.live)
        yield _single("ready", "1 while jobs can be fetched and all is deployed", health.ready)
        yield _single("event_loop_lag_seconds", "How late the event loop is", health.loop_lag)
        yield _single("events_waiting", "Events in the memory buffer", health.events_waiting)
        yield _single("handlers_stalled", "Handlers and loops that stall", len(health.stalled))
        for name, text, value in _BY_TYPE:
            family = GaugeMetricFamily(f"workflow_{name}", f"{text}.", labels=["type"])
            for job_type, one in health.types.items():
                # No sample before the first poll: 0 would say that it was answered just now.
                number = value(one)
                if number is not None:
                    family.add_metric([job_type], number)
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Gives nothing, so that registering asks for no health before the service runs."""
        return []


def _single(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"workflow_{name}", f"{text}.", value=float(value))
