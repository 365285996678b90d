"""Diagrams drawn with what instances did in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workflow_devkit.render import Overlay, render_svg
from workflow_devkit.render.gateway_flows import taken_behind_gateways
from workflow_devkit.testing._observed.entries import IncidentEntry, InstanceEntry
from workflow_runtime.bpmn.model import Definitions


def draw(definitions: Definitions, entries: Iterable[InstanceEntry]) -> str:
    """An SVG: how often each element was passed, where instances wait, where incidents are."""
    known = list(entries)
    passed = Counter(key for entry in known for key in (*entry.path, *entry.taken))
    waiting = Counter(key for entry in known for key in entry.waiting_at())
    broken = Counter(_place(each, entry) for entry in known for each in entry.incidents.values())
    processes = {entry.process_id for entry in known}
    for process in definitions.processes:
        if process.id in processes:
            # `|` keeps the greater count: a flow that records do tell of is not counted twice.
            passed |= taken_behind_gateways(process, passed)
    return render_svg(definitions, Overlay(passed, waiting, broken))


def _place(incident: IncidentEntry, entry: InstanceEntry) -> str:
    """Where an incident is: at the element of its job, or else where its record says."""
    # For an error that nothing catches the record says NO_CATCH_EVENT_FOUND
    # (``cases/broker/s10_error_uncaught.json``).
    job = entry.jobs.get(incident.job_key)
    return job.element_id if job else incident.element_id
