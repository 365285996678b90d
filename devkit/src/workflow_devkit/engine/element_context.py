"""What behaviours may use of the engine, besides the life of tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow_devkit.engine.catch_events import CatchEvents
from workflow_devkit.engine.executable import Process
from workflow_devkit.engine.instances import Instance, Token
from workflow_devkit.engine.jobs import Jobs
from workflow_devkit.engine.store import Store

__all__ = ["ElementContext"]

StartChild = Callable[[Process, Mapping[str, Any], Token], Instance]


@dataclass(frozen=True, slots=True)
class ElementContext:
    """The parts of an engine."""

    store: Store
    jobs: Jobs
    catch_events: CatchEvents
    start_child: StartChild
    broadcast: Callable[[str, Mapping[str, Any]], object]
