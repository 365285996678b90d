"""What a parameter of a handler is filled with, or why nothing can fill it."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, Final, Literal

from pydantic.fields import FieldInfo

from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.errors import HandlerError
from workflow_runtime.handlers.annotations import (
    is_json_type,
    is_marker,
    is_scope,
    markers_of,
    plain_type,
)
from workflow_runtime.task import WorkflowTask

__all__ = ["Role", "role_of"]

Role = Literal["task", "scope", "dependency", "default"]

_EMPTY: Final = inspect.Parameter.empty
_STARS: Final[dict[Any, str]] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def role_of(
    where: str, parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None
) -> Role:
    """Decides what fills a parameter.

    Args:
        where: the handler, for errors.
        parameter: as the handler declares it.
        hint: its annotation as an object; None without one.
        resolver: gives dependencies; None if the service has none.

    Raises:
        HandlerError: nothing can fill it; names handler, parameter and remedy.
    """
    given, kind = parameter.default, plain_type(hint)
    # A parameter without annotation is known by its name.
    unknown = kind is None or kind is Any
    role: Role | None = None
    if parameter.kind in _STARS or is_marker(given):
        role = None
    elif kind is WorkflowTask or (unknown and parameter.name == "task"):
        role = "task"
    elif is_scope(hint) and not markers_of(hint):
        role = "scope"
    elif given is not _EMPTY:
        role = None if isinstance(given, FieldInfo) else "default"
    elif resolver is not None and (markers_of(hint) or not (unknown or is_json_type(hint))):
        role = "dependency"
    if role is None:
        shown = _STARS.get(parameter.kind, "") + parameter.name
        remedy = _remedy(parameter, hint, resolver)
        raise HandlerError(f"{where}: parameter {shown!r} cannot be filled; {remedy}")
    return role


def _remedy(parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None) -> str:
    kind, given = plain_type(hint), parameter.default
    if parameter.kind in _STARS:
        return (
            "take task: WorkflowTask and read task.scope, or a pydantic model of the scope; a "
            "decorator's wrapper needs functools.wraps to show the parameters of its function"
        )
    if is_marker(given) or isinstance(given, FieldInfo):
        return (
            f"nothing here replaces its default, {type(given).__name__}(...), which belongs to "
            "another library; annotate it with the type of a dependency, without a default, and "
            "give the builder a resolver"
        )
    if parameter.name in {"self", "cls"} and hint is None:
        return "pass the method of an instance, such as Handlers().pay, not that of the class"
    if is_json_type(hint):
        return (
            "variables come together, as a pydantic model of the scope with a field for each, or "
            "by task: WorkflowTask, task.get_scope_variable(name) and task.scope"
        )
    if resolver is None and _is_plain_record(kind):
        return (
            f"make {kind.__name__} a pydantic model, or decorate it with "
            "pydantic.dataclasses.dataclass"
        )
    return "annotate it as WorkflowTask or as a pydantic model of the scope, or " + (
        "with the type of a dependency" if resolver else "give the builder a resolver for it"
    )


def _is_plain_record(kind: Any) -> bool:
    """Whether this is a dataclass or a named tuple: with a resolver it may be a dependency."""
    return inspect.isclass(kind) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"))
