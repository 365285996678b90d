"""An incident as a worker tells of it."""

from datetime import UTC, datetime

from workflow_runtime.observers import IncidentAlert


def alert(message="ValueError: no", element="pay", job=1, instance=10, **others):
    given = {
        "service": "shop",
        "process_id": "order",
        "instance_key": instance,
        "element_id": element,
        "job_key": job,
        "job_type": "order_pay",
        "message": message,
        "attempts": ("TimeoutError: first", message),
        "retries": 0,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return IncidentAlert(**given | others)
