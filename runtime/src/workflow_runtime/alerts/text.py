"""Notices in words: what happened, what to do, then where, what came before, and the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from workflow_runtime.alerts.grouping import group_of
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.remedies import remedy, remedy_of_all
from workflow_runtime.observers import IncidentAlert
from workflow_runtime.visible import one_line, visible

__all__ = ["Wording"]

_LONGEST_MESSAGE = 1500
"""Characters that a notice shows of a message, and of a traceback."""
# A link is for everybody who gets an alert.
_USER = re.compile(r"(?<=://)[^/?#]*@")
_SHOWN_ATTEMPTS = 5
"""Failures before the last one that a notice shows."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Writes notices.

    ``operate_url`` is where Operate is seen by people, ``runbook_url`` a page that may contain
    ``{process_id}``, ``{element_id}`` and ``{error_type}``; empty leaves the link out.
    """

    operate_url: str = ""
    runbook_url: str = ""

    def incident(self, alert: IncidentAlert, count: int = 1) -> Notice:
        """Words incidents of a kind that nobody knows yet; ``alert`` is one of them."""
        many = f" ({count} of them)" if count > 1 else ""
        return self._about(alert, Kind.INCIDENT, f"Incident in {_place(alert)}{many}", count)

    def repeated(self, alert: IncidentAlert, count: int) -> Notice:
        """Words ``count`` more incidents of what has been told; ``alert`` is the last one."""
        return self._about(
            alert, Kind.REPEATED, f"{_incidents(count, 'more ')} in {_place(alert)}", count
        )

    def came_back(self, alert: IncidentAlert, count: int, times: int) -> Notice:
        """Words ``count`` incidents that were resolved and are there again.

        ``times`` is how often the most stubborn one of them is there by now.
        """
        title = f"{count} came back in {_place(alert)}"
        note = f"Resolved, and there again (time {times}): what caused it is not gone."
        return self._about(alert, Kind.CAME_BACK, title, count, note)

    def left(self, alert: IncidentAlert, count: int, *, by_source: bool = True) -> Notice:
        """Words that of a kind, of which some are gone, ``count`` incidents are open.

        ``by_source`` says that Operate shows so many: without it a replica knows its own only.
        """
        whose, raised = ("", "") if by_source else (" (of one replica)", ", raised by one replica,")
        title = f"{count} left in {_place(alert)}{whose}"
        body = f"{_incidents(count)} of this kind{raised} still open; others have ended."
        body += f"\n\n{_kind(alert)}"
        return _notice(Kind.REPEATED, title, body, count, alert, self._operate(alert))

    def resolved(self, alert: IncidentAlert, count: int, *, by_source: bool = True) -> Notice:
        """Words that all ``count`` incidents of a group are gone.

        ``by_source`` says that Operate shows none: without it nobody knows those of replicas
        that have ended.
        """
        title = f"Resolved: {_place(alert)}"
        whole = (
            "none of this kind is left"
            if by_source
            else "none that a running replica has raised is left"
        )
        body = f"{_incidents(count)} resolved, {whole}.\n\n{_kind(alert)}"
        return _notice(Kind.RESOLVED, title, body, count, alert, self._operate(alert))

    def _about(
        self, alert: IncidentAlert, kind: Kind, title: str, count: int, note: str = ""
    ) -> Notice:
        operate, runbook = self._operate(alert), self._runbook(alert)
        headline, trace = _parts(alert.message)
        everything = remedy_of_all(alert) if count > 1 else ""
        first = {
            "Next": remedy(alert),
            "All of them": everything,
            "Operate": operate,
            "Runbook": runbook,
        }
        paragraphs = (headline, note, _rows(first), _rows(_facts(alert)), _attempts(alert), trace)
        body = "\n\n".join(filter(None, paragraphs))
        return _notice(kind, title, body, count, alert, operate, runbook)

    def _operate(self, alert: IncidentAlert) -> str:
        base = _USER.sub("", self.operate_url.rstrip("/"))
        return f"{base}/processes/{alert.instance_key}" if base else ""

    def _runbook(self, alert: IncidentAlert) -> str:
        known = {
            "process_id": alert.process_id,
            "element_id": alert.element_id,
            "error_type": alert.error_type,
        }
        # Not by str.format, which fails at any other brace of a user's link.
        link = self.runbook_url
        for name, value in known.items():
            link = link.replace(f"{{{name}}}", quote(value, safe=""))
        return link


def _notice(kind: Kind, title: str, body: str, count: int, *others: Any) -> Notice:
    # Channels escape their own markup; what acts on a terminal, or turns text round, they pass on.
    return Notice(kind, one_line(title), visible(body), count, *others)


def _incidents(count: int, more: str = "") -> str:
    return f"{count} {more}incident{'' if count == 1 else 's'}"


def _kind(alert: IncidentAlert) -> str:
    # Another kind may still be open at the same element.
    *_, error_type, cause = group_of(alert)
    return f"Error: {', '.join(filter(None, (error_type, cause)))}"


def _place(alert: IncidentAlert) -> str:
    return f"{alert.process_id}: {alert.element_id}"


def _parts(message: str) -> tuple[str, str]:
    """What went wrong, and the traceback that a handler's exception brings."""
    # Of a long traceback the end is kept: there the error was raised.
    headline, _, trace = message.partition("\n\n")
    return headline[:_LONGEST_MESSAGE], trace.rstrip()[-_LONGEST_MESSAGE:]


def _facts(alert: IncidentAlert) -> dict[str, str]:
    task = f" ({alert.job_type})" if alert.job_type else ""
    return {
        "Service": alert.service,
        "Process": f"{alert.process_id}, instance {alert.instance_key}",
        "Element": f"{alert.element_id}{task}",
        "Error": alert.error_type,
        "Job": str(alert.job_key) if alert.job_key else "",
        "Incident": str(alert.incident_key) if alert.incident_key else "",
        "Since": f"{alert.at:%F %T %Z}",
    }


def _rows(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in values.items() if value)


def _attempts(alert: IncidentAlert) -> str:
    # Without the last attempt, which is the message itself.
    earlier = [_parts(message)[0] for message in alert.attempts[:-1]][-_SHOWN_ATTEMPTS:]
    runs = [(text, len(list(same))) for text, same in groupby(earlier)]
    lines = [f"- {text}" + (f" ({count} times)" if count > 1 else "") for text, count in runs]
    return "\n".join(["Before that:", *lines]) if lines else ""
