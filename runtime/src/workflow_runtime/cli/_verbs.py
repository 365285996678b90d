"""Which verbs there are: found by their entry points, loaded by nobody here.

``workflow --help`` shows them without importing one, so ours have their line in a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from workflow_runtime.plugins import owner
from workflow_runtime.visible import one_line

__all__ = ["GROUP", "NEEDS_DEVKIT", "OURS", "Verb", "find_verbs"]

GROUP: Final = "workflow_runtime.verbs"
"""The group of entry points: ``name = "module:function"``, or ``"module:app"`` of typer."""

NEEDS_DEVKIT: Final = "(needs the devkit)"
_PACKAGES: Final = frozenset({"workflow_runtime", "workflow_devkit"})


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb and where it is."""

    name: str
    panel: str
    """The heading below which the help shows it."""
    summary: str
    """What it does, in a line."""
    of_devkit: bool = False
    entry_point: EntryPoint | None = None
    """None where no installed package brings it."""


_SERVICE: Final = {
    "run": "Run a service until it is told to stop; it finishes its running jobs first.",
    "doctor": "Look at versions, environment and every server that a service needs; say "
    "what to do.",
}
_ENGINE: Final = {
    "deploy": "Deploy diagrams, decisions and forms: all of them, or none when one is refused.",
    "start": "Start a process instance.",
    "publish": "Publish an event to the process instances that wait for it.",
    "signal": "Broadcast a signal to every process that listens.",
    "cancel": "Cancel process instances.",
    "set-scope": "Change variables of running process instances: of one, or of all that have an "
    "incident.",
    "retries": "Give a job new attempts; its incident stays until `workflow resolve`.",
    "resolve": "Resolve an incident once its cause is removed: the element tries again.",
    "status": "Show the cluster: gateway, brokers, partitions and their health.",
    "incidents": "List, show and resolve incidents.",
    "alerts": "Try the channels that alerts go to.",
    "outbox": "List, retry and purge the events of an outbox.",
}
_DEVELOPMENT: Final = {
    "dev": "Start an engine on this machine: a gateway for any Zeebe client, nothing to install.",
    "lint": "Check diagrams: what the engine refuses, what would stop at run time, what is "
    "unclear.",
    "check": "Compare diagrams and handlers: what one has and the other lacks.",
    "constants": "Make a typed module of the names in diagrams: tasks, events, errors, signals, "
    "processes.",
    "stubs": "Write skeletons of handlers: a typed scope, a function and a test for each task.",
    "render": "Draw diagrams as SVG or PNG, by their own layout; a diagram without one is laid "
    "out.",
    "migrate-check": "List what Python code uses of pyzeebe, and our word for each, with its "
    "place.",
}

OURS: Final = (
    *(Verb(name, "Service", summary) for name, summary in _SERVICE.items()),
    *(Verb(name, "Engine", summary) for name, summary in _ENGINE.items()),
    *(Verb(name, "Development", summary, of_devkit=True) for name, summary in _DEVELOPMENT.items()),
)
"""The verbs of runtime and devkit, in the order of the help."""


def find_verbs() -> Iterator[Verb]:
    """Ours, then those of other packages by name.

    A verb of the devkit is listed without the devkit too: calling it says what to install.
    """
    # Ours come last, so that another package's `start` does not take the place of ours.
    offered = {point.name: point for point in sorted(entry_points(group=GROUP), key=_is_ours)}
    for verb in OURS:
        point = offered.pop(verb.name, None)
        if point or verb.of_devkit:
            summary = verb.summary if point else f"{verb.summary} {NEEDS_DEVKIT}"
            yield replace(verb, entry_point=point, summary=summary)
    for name, point in sorted(offered.items()):
        yield Verb(name, "Other packages", _described(point), entry_point=point)


def _is_ours(point: EntryPoint) -> bool:
    return point.module.partition(".")[0] in _PACKAGES


def _described(point: EntryPoint) -> str:
    """The summary of its package: the verb's own is known only when it is loaded."""
    summary = (point.dist.metadata["Summary"] or "") if point.dist else ""
    line = one_line(f"{summary} ({owner(point)})".strip())
    return line.replace("[", "\\[")  # rich would take it for markup
