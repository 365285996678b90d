"""Labels of metrics: each value is a time series of its own, so that there are only so many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from prometheus_client.metrics import MetricWrapperBase

__all__ = ["OTHER", "Bounds", "Labelled"]

_MOST = 200
"""Values of names that diagrams, code or the engine make; places (process, element) as a whole."""
_FEW = dict.fromkeys(("outcome", "state", "status"), 20)
"""Labels with words of ours or of gRPC: each multiplies the others."""
OTHER = "other"
"""The value of all that come after the limit."""

Metric = TypeVar("Metric", bound=MetricWrapperBase)


class Bounds:
    """What is known of the labels of one registry; names of one kind are counted together."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], set[tuple[str, ...]]] = {}

    def within(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The labels as they may be used: as they are, or ``other``."""
        names = {name: value for name, value in labels.items() if name not in _FEW}
        words = ({name: labels[name]} for name in labels if name in _FEW)
        found: dict[str, str] = {}
        for group in (names, *words):
            found |= group if self._admits(group) else dict.fromkeys(group, OTHER)
        return found

    def _admits(self, group: Mapping[str, str]) -> bool:
        kind, values = tuple(group), tuple(group.values())
        known = self._known.setdefault(kind, set())
        if values not in known:
            if len(known) >= _FEW.get(kind[0] if kind else "", _MOST):
                return False
            known.add(values)
        return True


class Labelled(Generic[Metric]):
    """A metric whose labels are bounded; called with their values it gives the one to count with.

    Args:
        metric: as prometheus_client has it.
        names: of its labels.
        bounds: those of its registry.
    """

    def __init__(self, metric: Metric, names: tuple[str, ...], bounds: Bounds) -> None:
        self.metric = metric
        self._names = names
        self._bounds = bounds
        self._children: dict[tuple[str, ...], Metric] = {}

    def __call__(self, *values: str) -> Metric:
        """The child of these values."""
        child = self._children.get(values)
        if child is None:
            labels = self._bounds.within(dict(zip(self._names, values, strict=True)))
            child = self.metric.labels(**labels)
            # Not those that have become ``other``: there is no end of them.
            if tuple(labels.values()) == values:
                self._children[values] = child
        return child
