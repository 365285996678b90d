"""Notices that stand for others: for many, for what was told late, for what was over already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.visible import one_line, visible

__all__ = [
    "MOST_TITLES",
    "flapped",
    "flaps",
    "length",
    "many_times",
    "over_already",
    "summed",
    "told_late",
]

MOST_TITLES = 20
"""Titles that a notice for many has: short enough to be read, it names the command for all."""
_SHOWN_IN_SECONDS = 120
_OPEN_NOW = "`workflow incidents list` shows what is open now"


def summed(service: str, kind: Kind, count: int, titles: Iterable[str]) -> Notice:
    """One notice for ``count`` others of one urgency, whose titles these are."""
    title, told_as = {
        Kind.RESOLVED: (f"Resolved: {count} more of {service}", Kind.RESOLVED),
        Kind.REPEATED: (f"{count} more counts of {service}", Kind.REPEATED),
    }.get(kind, (f"{count} more alerts of {service}", Kind.HELD_BACK))
    listed = list(titles)[:MOST_TITLES]
    more = ["and others"] if count > len(listed) == MOST_TITLES else []
    body = "\n".join(["In:", *listed, *more, "", f"Next: {_OPEN_NOW}."])
    return Notice(told_as, one_line(title), visible(body), count)


def told_late(notice: Notice, seconds: float) -> Notice:
    """The notice, with the words that it comes late: what it tells of may be over."""
    late = f"late by {length(seconds)}"
    body = f"{notice.body}\n\nTold {late}: it may be over by now."
    return replace(notice, title=f"{notice.title}, {late}", body=body)


def over_already(opening: Notice, resolved: Notice) -> Notice:
    """One notice for an incident that was resolved before anybody was told of it."""
    body = f"{resolved.body}\n\nNobody was told before. What had happened:\n\n{opening.body}"
    return replace(resolved, title=f"{opening.title}, resolved meanwhile", body=body)


def flaps(opening: Notice, times: int, seconds: float, state: str) -> Notice:
    """One notice for what opens and closes again and again.

    Args:
        opening: the last one.
        times: how often it has opened.
        seconds: since the first of them.
        state: what it is now, ``open`` or ``resolved``; empty if that is not known.
    """
    place = _place(opening)
    what = f"opened {times} times in {length(seconds)}{state and f', now {state}'}"
    body = f"It {what}. {_OPEN_NOW}.\n\nThe last one:\n\n{opening.body}"
    return replace(
        opening, kind=Kind.FLAPPING, title=f"Flaps: {place}, {what}", body=body, count=times
    )


def flapped(opening: Notice, seconds: float) -> Notice:
    """The good end of what has flapped; ``opening`` is the last one."""
    body = f"It had flapped, and has been resolved for {length(seconds)}."
    return replace(
        opening,
        kind=Kind.RESOLVED,
        title=f"Resolved: {_place(opening)}",
        body=body,
        runbook_link="",
    )


def many_times(notice: Notice, count: int) -> Notice:
    """The last one of ``count`` notices that say the same."""
    return replace(notice, title=f"{notice.title} ({count} more times)", count=count)


def _place(notice: Notice) -> str:
    alert = notice.alert
    return one_line(f"{alert.process_id}: {alert.element_id}") if alert else notice.title


def length(seconds: float) -> str:
    """``50 s``, ``40 min``, ``2 h 5 min``."""
    if seconds < _SHOWN_IN_SECONDS:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
