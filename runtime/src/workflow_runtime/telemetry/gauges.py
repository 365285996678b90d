"""Metrics of the present state: read from the service's health when they are fetched."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from workflow_runtime.health import Health, TypeHealth
from workflow_runtime.telemetry.labels import Bounds

__all__ = ["HealthGauges", "Reading"]

_Merge = Callable[[float, float], float]
_Row = tuple[str, str, Callable[[TypeHealth], float | None], _Merge]

_BY_TYPE: tuple[_Row, ...] = (
    ("jobs_in_flight", "Jobs in hand", lambda t: t.running, operator.add),
    ("job_oldest_seconds", "How long the oldest job in hand runs", lambda t: t.oldest_running, max),
    ("poll_age_seconds", "Since the last answered poll", lambda t: t.last_ok_age, max),
)
"""Name, text, figure, and how those of several types become one above the limit."""


class Reading(Collector):
    """A gauge without labels that has no sample while nobody knows its value.

    Args:
        name: of the metric.
        text: what it is.
    """

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self.value: float | None = None

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gives the gauge; prometheus_client calls it at each scrape."""
        yield GaugeMetricFamily(self._name, self._text, value=self.value)


class HealthGauges(Collector):
    """Gauges from a snapshot; ``health`` is called once for each scrape, in any thread."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health
        self._bounds = Bounds()

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gives one gauge for each figure; prometheus_client calls it at each scrape."""
        health = self._health()
        yield _single("live", "1 while the event loop and all poll loops turn", health.live)
        yield _single("ready", "1 while jobs can be fetched and all is deployed", health.ready)
        yield _single("event_loop_lag_seconds", "How late the event loop is", health.loop_lag)
        yield _single("events_waiting", "Events in the memory buffer", health.events_waiting)
        yield _single("handlers_stalled", "Handlers and loops that stall", len(health.stalled))
        for name, text, value, merge in _BY_TYPE:
            family = GaugeMetricFamily(f"workflow_{name}", f"{text}.", labels=["type"])
            found: dict[str, float] = {}
            for job_type, one in health.types.items():
                # No sample before the first poll: 0 would say that it was answered just now.
                number = value(one)
                if number is not None:
                    label = self._bounds.within({"type": job_type})["type"]
                    found[label] = merge(number, found.get(label, 0.0))
            for label, number in found.items():
                family.add_metric([label], number)
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Gives nothing, so that registering asks for no health before the service runs."""
        return []


def _single(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"workflow_{name}", f"{text}.", value=float(value))
