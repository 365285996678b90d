"""A handler, read once: what fills its parameters, what it fetches, how it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, Any, get_origin

from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.errors import HandlerError
from workflow_runtime.handlers.callables import (
    bound_by_name,
    function_of,
    hints_in,
    hints_of,
    is_coroutine_function,
    name_of,
    names_within,
    place_of,
    runs_on_loop,
    signature_of,
)
from workflow_runtime.handlers.parameter_role import Role, role_of
from workflow_runtime.handlers.plain_parameters import PlainParameters
from workflow_runtime.handlers.scope_reads import ScopeReads
from workflow_runtime.handlers.scope_type import ScopeType
from workflow_runtime.task import WorkflowTask

__all__ = ["BoundHandler", "bind"]


@dataclass(frozen=True, slots=True)
class BoundHandler:
    """A handler that the worker can call, with what its signature says.

    Attributes:
        name: the handler's name, for logs and errors.
        function: what is called.
        is_async: whether it is called on the event loop; others run in threads.
        fetch: the variables that it declares; None is all.
        scopes: the parameters that take the scope, with their types.
        plain: those that take one variable each.
        rest: the names that ``**rest`` is not given; None if there is none.
        task_names: the parameters that take the task.
        wanted: the parameters that take a dependency, with their annotations.
        positional: those of all these parameters that are given by position, in their order.
        place: where its source is, for people.
        takes_only_task: whether it is of the simplest kind: a coroutine function with one task,
            in the first place, and nothing else to fill.
        result: the annotation of what it returns, Any without one.
    """

    name: str
    function: Callable[..., Any]
    is_async: bool
    fetch: tuple[str, ...] | None
    scopes: tuple[tuple[str, ScopeType], ...]
    plain: PlainParameters
    rest: frozenset[str] | None
    task_names: tuple[str, ...]
    wanted: tuple[tuple[str, Any], ...]
    positional: tuple[str, ...]
    place: str
    takes_only_task: bool
    result: Any = Any

    @property
    def reads(self) -> tuple[ScopeReads, ...]:
        """What its parameters read of the scope."""
        return (*(kind.reads for _, kind in self.scopes), self.plain.reads)

    def arguments(
        self, task: WorkflowTask, dependencies: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Fills the parameters for one task.

        Args:
            task: the task, whose scope fills models and plain parameters.
            dependencies: the values of ``wanted``, by parameter.

        Returns:
            The positional and the named arguments to call ``function`` with.

        Raises:
            pydantic.ValidationError: the scope does not fit a model or a parameter.
        """
        scope = task.job.variables
        named: dict[str, Any] = {}
        if self.rest is not None:
            named = {name: value for name, value in scope.items() if name not in self.rest}
        named.update(dict.fromkeys(self.task_names, task))
        named |= dependencies
        if self.plain.taken_by:
            named |= self.plain.values(scope)
        for name, kind in self.scopes:
            named[name] = kind.validate(scope)
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
    function, name = function_of(job_type, handler), name_of(handler)
    where = f"handler {name} of {job_type!r}"
    # First: from Python 3.14 on a signature reads them too, and says nothing of what is wrong.
    hints = hints_of(where, function)
    parameters = signature_of(where, function).parameters
    hints = hints_in(parameters) | hints
    roles = _roles(where, bound_by_name(function), parameters, hints, resolver)
    scopes = tuple((n, ScopeType(where, n, hints[n])) for n in _with(roles, "scope"))
    variables_of = [(parameters[n], hints.get(n)) for n in _with(roles, "variable")]
    plain = PlainParameters(where, name, variables_of)
    _refuse_two_of_one_name(where, scopes, plain)
    filled = [p for n, p in parameters.items() if roles[n] != "default"]
    positional = _positional(where, function, list(parameters.values()), filled)
    only_task = [roles[p.name] for p in filled] == ["task"] and len(positional) == 1
    rest = names_within(function).union(plain.taken_by, *(k.reads.names for _, k in scopes))
    return BoundHandler(
        name=name,
        function=function,
        is_async=runs_on_loop(function),
        fetch=_fetch([*(kind.reads for _, kind in scopes), plain.reads], roles, variables),
        scopes=scopes,
        plain=plain,
        rest=rest if "rest" in roles.values() else None,
        task_names=_with(roles, "task"),
        # Without `Annotated`, whose marks are for other callers of the handler.
        wanted=tuple((n, _bare(hints[n])) for n in _with(roles, "dependency")),
        positional=positional,
        place=place_of(function),
        takes_only_task=only_task and is_coroutine_function(function),
        result=hints.get("return", Any),
    )


def _refuse_two_of_one_name(
    where: str, scopes: Iterable[tuple[str, ScopeType]], plain: PlainParameters
) -> None:
    """Else the one might refuse what the other takes."""
    for name, kind in scopes:
        for variable in kind.reads.names:
            if variable in plain.taken_by:
                raise HandlerError(
                    f"{where}: the variable {variable!r} is parameter "
                    f"{plain.taken_by[variable]!r} and a field of parameter {name!r}, so that two "
                    "types say what it is: remove the parameter, or the field of the model"
                )


def _roles(
    where: str,
    bound: Collection[str],
    parameters: Mapping[str, inspect.Parameter],
    hints: Mapping[str, Any],
    resolver: DependencyResolver | None,
) -> dict[str, Role]:
    return {
        name: "default" if name in bound else role_of(where, each, hints.get(name), resolver)
        for name, each in parameters.items()
    }


def _with(roles: Mapping[str, Role], role: Role) -> tuple[str, ...]:
    return tuple(name for name, each in roles.items() if each == role)


def _bare(hint: Any) -> Any:
    return hint.__origin__ if get_origin(hint) is Annotated else hint


def _positional(
    where: str,
    function: Callable[..., Any],
    parameters: Sequence[inspect.Parameter],
    filled: Sequence[inspect.Parameter],
) -> tuple[str, ...]:
    """Which parameters are given by position: as many as can be, since wrappers rename them."""
    pairs = takewhile(lambda pair: pair[0] is pair[1], zip(parameters, filled, strict=False))
    taken = [p.name for p, _ in pairs if p.kind not in {p.KEYWORD_ONLY, p.VAR_KEYWORD}]
    needed = [p.name for p in filled if p.kind is p.POSITIONAL_ONLY]
    if taken[: len(needed)] != needed:
        raise HandlerError(
            f"{where}: {needed[-1]!r} comes behind a default and before a '/', so nobody can give "
            "it alone: move it to the front"
        )
    reason = _refusal(function, taken, filled)
    if not reason:
        return tuple(taken)
    if not _refusal(function, needed, filled):
        return tuple(needed)
    raise HandlerError(
        f"{where}: it cannot be called with {[_shown(p) for p in filled]} ({reason}); let the "
        "decorator's wrapper take *args and **kwargs"
    )


def _refusal(
    function: Callable[..., Any], positional: Sequence[str], filled: Sequence[inspect.Parameter]
) -> str:
    """Why Python would not call it so; empty if it would."""
    try:
        # The outermost function is the one that is called, whatever it says of itself.
        called = inspect.signature(function, follow_wrapped=False)
        called.bind(*positional, **{_shown(p): p for p in filled if p.name not in positional})
    except TypeError as error:
        return str(error)
    except ValueError:
        return ""  # it is written in C and says nothing
    return ""


def _shown(parameter: inspect.Parameter) -> str:
    # Not a name that a parameter can have, so that only another `**rest` takes it.
    return f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name


def _fetch(
    reads: Sequence[ScopeReads], roles: Mapping[str, Role], variables: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    if "rest" in roles.values() or any(each.everything for each in reads):
        return None
    # Whoever has the task but declares nothing may ask it for anything.
    declares = {"scope", "variable"} & set(roles.values())
    if variables is None and "task" in roles.values() and not declares:
        return None
    declared = [name for each in reads for name in each.names]
    return tuple(dict.fromkeys([*declared, *(variables or ())]))
