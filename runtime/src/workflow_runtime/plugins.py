"""What other distributions add to the runtime: found by their entry points, never imported.

The devkit (``zeebe-workflow-devkit``) brings one of each; so may anybody. Groups:

- ``workflow_runtime.gateways``: ``embedded``, a function without parameters that returns the
  `Gateway` for the address ``embedded://``.
- ``workflow_runtime.diagram_checks``: a function ``(content: bytes, name: str)`` that returns what
  an engine would refuse in a BPMN file; each problem's text names file, line and remedy.
- ``workflow_runtime.start_checks``: a function ``(builder: WorkflowBuilder)`` that returns a
  `LifespanHook`; it runs beside the start of a service.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.extras import how_to_install

__all__ = [
    "DIAGRAM_CHECKS",
    "GATEWAYS",
    "GET_DEVKIT",
    "START_CHECKS",
    "find",
    "load",
    "load_all",
    "owner",
]

GATEWAYS: Final = "workflow_runtime.gateways"
DIAGRAM_CHECKS: Final = "workflow_runtime.diagram_checks"
START_CHECKS: Final = "workflow_runtime.start_checks"
GET_DEVKIT: Final = how_to_install("dev")
"""How the devkit gets into an environment; errors about its absence end with it."""


def find(group: str, name: str) -> EntryPoint | None:
    """Looks for one entry point, without importing what it stands for.

    Args:
        group: the group's name, such as `GATEWAYS`.
        name: the entry point's name, such as ``embedded``.

    Returns:
        The first of this name, None where no installed distribution offers it.
    """
    return next(iter(entry_points(group=group, name=name)), None)


def load_all(group: str) -> list[Any]:
    """Imports what all entry points of a group stand for.

    Args:
        group: the group's name, such as `GATEWAYS`.

    Returns:
        What was imported, in the order of the entry points' names.

    Raises:
        ConfigurationError: a distribution's entry point cannot be imported; names both.
    """
    # By name: the order in which distributions are found differs between machines.
    return [load(each) for each in sorted(entry_points(group=group), key=lambda each: each.name)]


def load(point: EntryPoint) -> Any:
    """Imports what an entry point stands for.

    Args:
        point: as `find` gives it.

    Returns:
        What was imported.

    Raises:
        ConfigurationError: it cannot be imported; names the distribution and the remedy.
    """
    try:
        return point.load()
    except Exception as error:
        raise ConfigurationError(
            f"the entry point {point.name!r} ({point.group}) of {owner(point)} cannot be loaded: "
            f"{type(error).__name__}: {error}; install a version that fits, or remove the package"
        ) from error


def owner(point: EntryPoint) -> str:
    """Names who offers an entry point.

    Args:
        point: as `find` gives it.

    Returns:
        The distribution and its version; the module where no distribution is known.
    """
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module
