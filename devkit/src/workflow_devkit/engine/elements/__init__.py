"""What each kind of element does: one row for a kind, in the file of its family."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_devkit.engine.element_context import ElementContext
from workflow_devkit.engine.elements import containers, events, gateways, multi_instance, tasks
from workflow_devkit.engine.lifecycle import Behaviour
from workflow_runtime.bpmn.model import Kind

__all__ = ["behaviours"]

_FAMILIES = (containers, events, gateways, multi_instance, tasks)


def behaviours(context: ElementContext) -> Mapping[Kind, Behaviour]:
    """The behaviour of every kind that can be deployed, for one engine."""
    rows = (row for family in _FAMILIES for row in family.BEHAVIOURS.items())
    return {kind: behaviour(context) for kind, behaviour in rows}
