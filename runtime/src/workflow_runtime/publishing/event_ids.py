"""Ids for events whose sender gave none."""

from __future__ import annotations

import uuid

from workflow_runtime._log.job_fields import current_job

__all__ = ["make_id"]


def make_id(name: str, correlation_key: str) -> tuple[str, bool]:
    """Makes the id of an event that is published here and now.

    Never of its content: two equal facts are two events, and a set has no order.

    Args:
        name: the event's name.
        correlation_key: whose event it is.

    Returns:
        In a handler, the job's idempotency key, the name, and the event's position among those
        of this name and key: a handler that runs again gives its facts their ids again.
        Elsewhere an id that nobody has ever had. Then, whether it is such a new one.
    """
    current = current_job()
    if current is None:
        return str(uuid.uuid4()), True
    position = current.position(name, correlation_key)
    return f"{current.job.idempotency_key}-{name}-{position}", False
