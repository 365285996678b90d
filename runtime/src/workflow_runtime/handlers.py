"""From a handler's signature to a plain function of a task."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import AliasChoices, AliasPath, BaseModel

from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.errors import HandlerError
from workflow_runtime.task import WorkflowTask

__all__ = ["BoundHandler", "bind", "plain_function", "variables_of"]

_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class BoundHandler:
    """A handler that the worker can call, with what its signature says.

    Attributes:
        name: the handler's name, for logs and errors.
        function: what is called.
        is_async: whether it is a coroutine function; others run in threads.
        fetch: the variables that it declares; None is all.
        models: the parameters that take a typed scope, with their models.
        task_names: the parameters that take the task.
        wanted: the parameters that take a dependency, with their annotations.
        positional: those of all these parameters that cannot be given by name, in their order.
        takes_only_task: whether it is of the simplest signature: one task, in the first place,
            and nothing else to fill.
        result: the annotation of what it returns, Any without one.
    """

    name: str
    function: Callable[..., Any]
    is_async: bool
    fetch: tuple[str, ...] | None
    models: tuple[tuple[str, type[BaseModel]], ...]
    task_names: tuple[str, ...]
    wanted: tuple[tuple[str, Any], ...]
    positional: tuple[str, ...]
    takes_only_task: bool
    result: Any = Any

    def arguments(
        self, task: WorkflowTask, dependencies: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Fills the parameters for one task.

        Args:
            task: the task, whose scope fills the models.
            dependencies: the values of ``wanted``, by parameter.

        Returns:
            The positional and the named arguments to call ``function`` with.

        Raises:
            pydantic.ValidationError: the scope does not fit a model.
        """
        named: dict[str, Any] = dict.fromkeys(self.task_names, task)
        named |= dependencies
        for name, model in self.models:
            named[name] = model.model_validate(task.job.variables)
        return tuple(named.pop(name) for name in self.positional), named


def bind(
    job_type: str,
    handler: Any,
    variables: tuple[str, ...] | None = None,
    resolver: DependencyResolver | None = None,
) -> BoundHandler:
    """Reads a handler's signature, once for all jobs.

    Args:
        job_type: the task type, for errors.
        handler: a function, or an object with a method ``handle``.
        variables: what to fetch besides what the handler declares.
        resolver: gives dependencies; None if the service has none.

    Returns:
        The handler, ready to be called.

    Raises:
        HandlerError: a parameter cannot be filled; names handler, parameter and remedy.
    """
    function = _function(job_type, handler)
    name = _name(handler)
    where = f"handler {name} of {job_type!r}"
    hints = _hints(where, function)
    roles = {
        p.name: _role(where, p, hints.get(p.name), resolver) for p in _parameters(where, function)
    }
    models = tuple((n, kind) for n, (role, kind) in roles.items() if role == "scope")
    return BoundHandler(
        name=name,
        function=function,
        is_async=_is_async(function),
        fetch=_fetch(models, roles, variables),
        models=models,
        task_names=tuple(n for n, (role, _) in roles.items() if role == "task"),
        wanted=tuple((n, kind) for n, (role, kind) in roles.items() if role == "dependency"),
        positional=tuple(
            p.name
            for p in inspect.signature(function).parameters.values()
            if p.kind is inspect.Parameter.POSITIONAL_ONLY and p.name in roles
        ),
        takes_only_task=_takes_only_task(function, roles),
        result=hints.get("return", Any),
    )


def _takes_only_task(function: Any, roles: dict[str, tuple[str, Any]]) -> bool:
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return (
        first is not None
        and first.kind in {first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD}
        and roles[first.name][0] == "task"
        and all(role == "default" for role, _ in list(roles.values())[1:])
    )


def _function(job_type: str, handler: Any) -> Callable[..., Any]:
    if inspect.isclass(handler):
        raise HandlerError(
            f"handler {_name(handler)} of {job_type!r} is a class: pass an instance, "
            f"{_name(handler)}(...)"
        )
    function: Callable[..., Any] = getattr(handler, "handle", handler)
    if not callable(function):
        raise HandlerError(
            f"handler of {job_type!r}: {type(handler).__name__} is no function and has no "
            "method 'handle': pass a function, or an object that has one"
        )
    return function


def _name(handler: Any) -> str:
    while isinstance(handler, functools.partial):
        handler = handler.func
    return str(getattr(handler, "__qualname__", type(handler).__qualname__))


def plain_function(function: Any) -> Any:
    """Finds what lies under partials and callable objects.

    Args:
        function: anything that can be called.

    Returns:
        The function, method or class that is called in the end.
    """
    while isinstance(function, functools.partial):
        function = function.func
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        function = function.__call__
    return function


def _is_async(function: Any) -> bool:
    # A decorator's wrapper is often a plain function around the coroutine function.
    return inspect.iscoroutinefunction(inspect.unwrap(plain_function(function)))


def _hints(where: str, function: Any) -> dict[str, Any]:
    plain = inspect.unwrap(plain_function(function))
    try:
        return get_type_hints(plain)
    except Exception as error:
        raise HandlerError(
            f"{where}: its annotations cannot be read ({error}); names in them must exist at "
            "module level, outside of 'if TYPE_CHECKING'"
        ) from error


def _parameters(where: str, function: Any) -> Iterable[inspect.Parameter]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise HandlerError(f"{where}: it has no readable signature; wrap it in a def") from error
    # *args and **named stay empty: nothing says what they would want.
    return [p for p in parameters if p.kind not in _OPEN]


def _role(
    where: str, parameter: inspect.Parameter, hint: Any, resolver: DependencyResolver | None
) -> tuple[str, Any]:
    # A parameter without annotation is known by its name.
    if _is(hint, WorkflowTask) or (hint in {None, Any} and parameter.name == "task"):
        return "task", hint
    if _is(hint, BaseModel):
        return "scope", hint
    if parameter.default is not inspect.Parameter.empty:
        return "default", hint
    if resolver is not None and hint is not None:
        return "dependency", hint
    raise HandlerError(
        f"{where}: parameter {parameter.name!r} cannot be filled; annotate it as WorkflowTask or "
        "as a pydantic model of the scope"
        + (
            ", or annotate it with the type of a dependency"
            if resolver
            else ", or give the builder a resolver for dependencies"
        )
    )


def _is(hint: Any, base: type) -> bool:
    return inspect.isclass(hint) and issubclass(hint, base)


def _fetch(
    models: tuple[tuple[str, type[BaseModel]], ...],
    roles: dict[str, tuple[str, Any]],
    variables: tuple[str, ...] | None,
) -> tuple[str, ...] | None:
    declared = [v for _, model in models for _, names in variables_of(model) for v in names]
    # A model that takes any field wants whatever the scope has.
    if any(model.model_config.get("extra") == "allow" for _, model in models):
        return None
    if variables is not None:
        return tuple(dict.fromkeys([*declared, *variables]))
    # Whoever has the task but no model may ask it for anything.
    if any(role == "task" for role, _ in roles.values()) and not models:
        return None
    return tuple(dict.fromkeys(declared))


def variables_of(model: type[BaseModel]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Lists what a model reads of a scope.

    Args:
        model: a pydantic model of the scope.

    Yields:
        Each field's name with the variables that can fill it.
    """
    config = model.model_config
    by_name = config.get("populate_by_name") or config.get("validate_by_name")
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        own = (name,) if alias is None or by_name else ()
        yield name, (*own, *_alias_names(alias))


def _alias_names(alias: str | AliasPath | AliasChoices | None) -> Iterator[str]:
    if isinstance(alias, str):
        yield alias
    elif isinstance(alias, AliasPath):
        yield str(alias.path[0])
    elif isinstance(alias, AliasChoices):
        for choice in alias.choices:
            yield from _alias_names(choice)
