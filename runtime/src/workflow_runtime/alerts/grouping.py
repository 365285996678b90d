"""Which incidents are told at once, counted, or known to be over. Pure: time comes in."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from workflow_runtime.alerts.model import Notice
from workflow_runtime.alerts.text import Wording
from workflow_runtime.observers import IncidentAlert

__all__ = ["Grouping", "group_of"]

# How a type begins a message: `OSError: no`, `shop.errors.CardRefused: no`. Another word, such as
# `Anna: no address`, may as well be a name or an id.
_CAUSE = re.compile(r"(?:\w+\.)*(\w*(?:[eE]rror|Exception|Timeout)|(?:[A-Z]+[a-z]{2,}){2,})(?=:|$)")

Key = tuple[str, str, str, str]


def group_of(alert: IncidentAlert) -> Key:
    """Same process, element and error, whatever names, numbers and ids its message contains."""
    # Worker and watcher see the same first line, and a traceback behind it perhaps.
    cause = _CAUSE.match(alert.message.partition("\n")[0])
    return (alert.process_id, alert.element_id, alert.error_type, cause[1] if cause else "")


@dataclass(slots=True)
class _Group:
    told_at: float
    last: IncidentAlert
    untold: int = 0
    total: int = 0
    open: set[tuple[int, int]] = field(default_factory=set)


class Grouping:
    """Incidents by group; ``window`` seconds pass between two notices of one group."""

    def __init__(self, wording: Wording, window: float, limit: int = 1000) -> None:
        self._wording = wording
        self._window = window
        self._limit = limit
        self._groups: OrderedDict[Key, _Group] = OrderedDict()

    def knows(self, alert: IncidentAlert) -> bool:
        """Whether the watcher found what the worker has told, perhaps in other words."""
        # Without an incident's key it comes from the worker, which tells each incident once.
        identity = _identity(alert)
        return bool(alert.incident_key) and any(
            identity in group.open for group in self._groups.values()
        )

    def incident(self, alert: IncidentAlert, now: float) -> Notice | None:
        """A notice if this group is news, else it is counted."""
        # Asked first: `remember` makes the group.
        news = group_of(alert) not in self._groups
        group = self.remember(alert, now)
        if news:
            return self._wording.incident(alert)
        group.untold += 1
        return None

    def remember(self, alert: IncidentAlert, now: float) -> _Group:
        """Adds an incident to its group, without telling anybody."""
        key = group_of(alert)
        group = self._groups.setdefault(key, _Group(told_at=now, last=alert))
        self._groups.move_to_end(key)
        self._forget_oldest()
        self._add(group, alert)
        return group

    def due(self, now: float) -> list[Notice]:
        """Notices with the counts of groups whose window is over; empty groups are forgotten."""
        notices = []
        for key, group in list(self._groups.items()):
            if now - group.told_at < self._window:
                continue
            if group.untold:
                notices.append(self._wording.repeated(group.last, group.untold))
                group.told_at, group.untold = now, 0
            elif not group.open:
                del self._groups[key]
        return notices

    def resolved(self, instance_key: int, job_or_incident_key: int) -> Notice | None:
        """A notice if this was the last open incident of its group."""
        identity = (instance_key, job_or_incident_key)
        for key, group in self._groups.items():
            if identity not in group.open:
                continue
            group.open.discard(identity)
            if group.open:
                return None
            # Forgotten: should it come back, somebody is told at once.
            del self._groups[key]
            return self._wording.resolved(group.last, group.total)
        return None

    def _add(self, group: _Group, alert: IncidentAlert) -> None:
        group.last = alert
        group.total += 1
        # Bounded: beyond the limit an incident is counted, but its end is not noticed.
        if len(group.open) < self._limit:
            group.open.add(_identity(alert))

    def _forget_oldest(self) -> None:
        if len(self._groups) > self._limit:
            self._groups.popitem(last=False)


def _identity(alert: IncidentAlert) -> tuple[int, int]:
    # The worker knows its job only: the answer to FailJob does not say the incident's key.
    return (alert.instance_key, alert.job_key or alert.incident_key)
