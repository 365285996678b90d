"""Which event definitions Zeebe runs at which kind of event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.engine.deploy_rules import ALLOWED_EVENTS
from workflow_runtime.bpmn.model import EventKind

_MAY_BE_NONE: Final = ("startEvent", "endEvent", "intermediateThrowEvent")
# No deploy rule says what an intermediate throw event may be about; Zeebe runs these.
_THROWN: Final = ("message", "signal", "link", "escalation")
_ALLOWED: Final[Mapping[str, frozenset[EventKind]]] = {
    tag: frozenset(EventKind(kind.upper()) for kind in kinds)
    | ({EventKind.NONE} if tag in _MAY_BE_NONE else set())
    for tag, kinds in {**ALLOWED_EVENTS, "intermediateThrowEvent": _THROWN}.items()
}


def allowed_events(tag: str) -> frozenset[EventKind]:
    """What an event with this tag may be about; empty for what is no event."""
    return _ALLOWED.get(tag, frozenset())
