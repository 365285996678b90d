"""What the double of Operate knows, in the fields of Operate's API v1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["Known"]

_NO_COUNTS: Final = {"active": 0, "canceled": 0, "incidents": 0, "completed": 0}


class Known:
    """Incidents and what belongs to them.

    Attributes:
        incidents: by key, as they are answered.
        elements: by an incident's key, the key and the id of its element.
        flow_nodes: by an element instance's key, the id of its element.
        process_ids: by a process definition's key, the id of the process.
        passed: by a process instance's key, the counts of its elements and its taken flows.
    """

    def __init__(self) -> None:
        self.incidents: dict[int, dict[str, Any]] = {}
        self.elements: dict[int, tuple[int, str]] = {}
        self.flow_nodes: dict[int, str] = {}
        self.process_ids: dict[int, str] = {}
        self.passed: dict[int, tuple[list[dict[str, Any]], list[str]]] = {}

    def open_incident(self, key: int, timestamp: int, value: Mapping[str, Any]) -> None:
        """Takes in the record of a new incident; ``timestamp`` in milliseconds."""
        definition = int(value["processDefinitionKey"])
        self.process_ids[definition] = str(value["bpmnProcessId"])
        node = int(value["elementInstanceKey"])
        # Of an error that nobody catches the incident's record has no element's id.
        self.elements[key] = (node, self.flow_nodes.get(node, str(value["elementId"])))
        # Operate's dates are yyyy-MM-dd'T'HH:mm:ss.SSSZZ: an offset without a colon.
        created = datetime.fromtimestamp(timestamp / 1000, UTC)
        self.incidents[key] = {
            "key": key,
            "processDefinitionKey": definition,
            "processInstanceKey": int(value["processInstanceKey"]),
            "type": value["errorType"],
            "message": value["errorMessage"],
            "creationTime": created.isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
            "state": "PENDING",
            # Nulls are left out; a job that there is none of is -1 in records.
            **({"jobKey": value["jobKey"]} if int(value.get("jobKey", -1)) > 0 else {}),
            "tenantId": "<default>",
        }

    def resolve_incident(self, key: int) -> None:
        """Takes in the record of an incident's end."""
        # One of which the double was never told changes nothing.
        self.incidents.get(key, {})["state"] = "RESOLVED"

    def settle(self) -> None:
        """Makes pending incidents active."""
        for incident in self.incidents.values():
            if incident["state"] == "PENDING":
                incident["state"] = "ACTIVE"

    def pass_through(
        self, instance_key: int, statistics: Mapping[str, Mapping[str, int]], flows: list[str]
    ) -> None:
        """Takes in what an instance did: counts by element, and the flows that were taken."""
        counts = [{"activityId": key, **_NO_COUNTS, **each} for key, each in statistics.items()]
        self.passed[instance_key] = (counts, flows)
