"""Which incidents are one story: the same element, the same cause."""

from __future__ import annotations

import re

from workflow_runtime.observers import IncidentAlert

__all__ = ["Identity", "Key", "group_of", "identity_of"]

# How a type begins a message: `OSError: no`, `shop.errors.CardRefused: no`. Another word, such as
# `Anna: no address`, may as well be a name or an id.
_TYPE = r"(?:\w+\.)*(\w*(?:[eE]rror|Exception|Timeout)|(?:[A-Z]+[a-z]{2,}){2,})(?=:|$)"
_CAUSE = re.compile(_TYPE)
# What `Retry` and `WorkflowIncident` say themselves is written for people; the worker adds a line.
_CAUSED_BY = re.compile(rf"^caused by {_TYPE}", re.MULTILINE)
_LONGEST = 200
"""Characters of a message in which its cause is looked for."""

Key = tuple[str, str, str, str]
"""Process, element, type of the error, and what caused it."""
Identity = tuple[int, str]
"""What stays the same when an incident is resolved and comes back, under a new key."""


def group_of(alert: IncidentAlert) -> Key:
    """Same process, element and error, whatever names, numbers and ids its message contains."""
    # Worker and watcher see the same first line, and a traceback behind it perhaps.
    cause = _CAUSE.match(alert.message.partition("\n")[0][:_LONGEST])
    # Of other errors the engine has a message of its own, without the worker's lines.
    if cause is None and alert.error_type == "JOB_NO_RETRIES":
        cause = _CAUSED_BY.search(alert.message)
    return (alert.process_id, alert.element_id, alert.error_type, cause[1] if cause else "")


def identity_of(alert: IncidentAlert) -> Identity:
    """What an incident has in common with the one that it was before it was resolved."""
    if alert.job_key:
        return (alert.job_key, "")
    return (alert.instance_key, alert.element_id)
