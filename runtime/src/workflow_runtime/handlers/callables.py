"""What a user hands over as a handler: functions, methods, objects, whatever stands around them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_type_hints

from workflow_runtime.errors import HandlerError

__all__ = [
    "bound_by_name",
    "function_of",
    "hints_in",
    "hints_of",
    "is_coroutine_function",
    "job_type_of",
    "name_of",
    "names_within",
    "place_of",
    "plain_function",
    "runs_on_loop",
    "signature_of",
]

_CACHED = type(functools.cache(lambda: None))
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def job_type_of(given: Any) -> str:
    """Reads a task type as the builder is given it.

    Args:
        given: a text, or a member of an enum of texts.

    Raises:
        HandlerError: it is no text, or an empty one.
    """
    if not isinstance(given, str):
        raise HandlerError(
            f"the task type must be a text, not {type(given).__name__}; give the type that the "
            'diagram\'s task has: with_handler("order_pay", pay), or @builder.task("order_pay")'
        )
    # `str()` of a member may be its name (`class Types(str, Enum)`).
    text = str.__str__(given)
    if not text.strip():
        raise HandlerError("the task type is empty; give the type that the diagram's task has")
    return text


def function_of(job_type: str, handler: Any) -> Callable[..., Any]:
    """Finds what is to be called for a handler.

    Args:
        job_type: the task type, for errors.
        handler: a function, or an object with a method ``handle`` or ``__call__``.

    Returns:
        What is called with the handler's arguments.

    Raises:
        HandlerError: it cannot be called, or calling it does not run it; says the remedy.
    """
    if inspect.isclass(plain_function(handler)):
        raise HandlerError(
            f"handler {name_of(handler)} of {job_type!r} is a class: pass an instance, "
            f"{name_of(handler)}(...)"
        )
    if inspect.isawaitable(handler):
        raise HandlerError(
            f"handler {name_of(handler)} of {job_type!r} was called already: pass the function "
            "itself, without brackets behind it"
        )
    function: Callable[..., Any] = getattr(handler, "handle", handler)
    if not callable(function):
        raise HandlerError(
            f"handler of {job_type!r}: {type(handler).__name__} is no function and has no "
            "method 'handle': pass a function, or an object that has one"
        )
    if isinstance(function, staticmethod):
        # What a decorator sees within a class body.
        function = function.__func__
    for layer in _layers(function):
        _refuse(f"handler {name_of(handler)} of {job_type!r}", layer)
    return function


def _refuse(where: str, layer: Any) -> None:
    # A generator that `types.coroutine` has marked is awaited like any coroutine.
    if inspect.isasyncgenfunction(layer) or (
        inspect.isgeneratorfunction(layer) and not _is_iterable_coroutine(layer)
    ):
        raise HandlerError(
            f"{where} is a generator, whose body would never run: return one result instead of "
            "'yield'"
        )
    if isinstance(layer, _CACHED):
        raise HandlerError(
            f"{where} is cached (functools.cache or lru_cache): a job would be answered with "
            "another job's result; cache a function that the handler calls"
        )


def _is_iterable_coroutine(layer: Any) -> bool:
    code = getattr(layer, "__code__", None)
    return code is not None and bool(code.co_flags & inspect.CO_ITERABLE_COROUTINE)


def name_of(handler: Any) -> str:
    """What people call a handler: its qualified name, or its type's."""
    handler = _unpartial(handler)
    return str(getattr(handler, "__qualname__", type(handler).__qualname__))


def place_of(function: Any) -> str:
    """Where a handler's source is, for people: module and line, as far as that is known."""
    innermost = list(_layers(function))[-1]
    code = getattr(innermost, "__code__", None)
    module = getattr(innermost, "__module__", None) or "an unknown module"
    return f"{module}, line {code.co_firstlineno}" if code else str(module)


def plain_function(function: Any) -> Any:
    """Finds what lies under partials and callable objects.

    Args:
        function: anything that can be called.

    Returns:
        The function, method or class that is called in the end.
    """
    function = _unpartial(function)
    if not _is_innermost(function):
        function = getattr(function, "__call__", function)  # noqa: B004 - the method is wanted
    return function


def is_coroutine_function(function: Any) -> bool:
    """Whether calling this gives a coroutine for sure, whatever is wrapped in it."""
    # The function itself too: `inspect.markcoroutinefunction` marks objects.
    return any(map(inspect.iscoroutinefunction, (function, plain_function(function))))


def runs_on_loop(function: Any) -> bool:
    """Whether the event loop calls this: a coroutine function, or a wrapper around one."""
    return any(inspect.iscoroutinefunction(layer) for layer in _layers(function))


def signature_of(where: str, function: Any) -> inspect.Signature:
    """The parameters that a handler has for whoever reads it.

    Raises:
        HandlerError: Python cannot tell them.
    """
    try:
        return inspect.signature(_as_called(function))
    except (TypeError, ValueError) as error:
        raise HandlerError(f"{where}: it has no readable signature; wrap it in a def") from error


def bound_by_name(function: Any) -> frozenset[str]:
    """The parameters that partials have given a value by name already."""
    partials = (each for each in _layers(function) if isinstance(each, functools.partial))
    return frozenset(name for each in partials for name in each.keywords)


def names_within(function: Any) -> frozenset[str]:
    """The names that ``**rest`` cannot be given: some function on the way has such a parameter."""
    found: set[str] = set(bound_by_name(function))
    for layer in _layers(function):
        # A method's own function has `self` too, and so has the method that calls an object.
        plain = getattr(layer, "__func__", layer)
        plain = plain if inspect.isfunction(plain) else type(layer).__call__
        try:
            parameters = inspect.signature(plain, follow_wrapped=False).parameters
        except (TypeError, ValueError):
            continue
        found |= {n for n, p in parameters.items() if p.kind in _NAMED}
    return frozenset(found)


def hints_of(where: str, function: Any) -> dict[str, Any]:
    """The annotations of a handler's parameters and of its result, as objects.

    Raises:
        HandlerError: one names what does not exist at run time.
    """
    innermost = list(_layers(function))[-1]
    try:
        return get_type_hints(innermost, include_extras=True)
    except Exception as error:
        raise HandlerError(
            f"{where}: its annotations cannot be read ({error}); names in them must exist at "
            "module level, outside of 'if TYPE_CHECKING'"
        ) from error


def hints_in(parameters: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    """Those of a signature, which a decorator may have written (`__signature__`) by itself."""
    said = {n: p.annotation for n, p in parameters.items() if p.annotation is not p.empty}
    return {n: each for n, each in said.items() if not isinstance(each, str)}


def _layers(function: Any) -> Iterator[Any]:
    """From what was handed over to the function that was written, by the way of `signature`."""
    while True:
        yield function
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif _is_innermost(function):
            return
        else:
            function = function.__call__


def _is_innermost(function: Any) -> bool:
    """Whether there is nothing behind it that it would call: it is a class, or a function."""
    # What has `__get__` is a routine for `inspect`, and so is a decorator's object that binds like
    # a method; yet its own `__call__` is what runs.
    calls = inspect.isfunction(inspect.getattr_static(type(function), "__call__", None))
    return inspect.isclass(function) or (inspect.isroutine(function) and not calls)


def _as_called(function: Any) -> Any:
    """It, or its own ``__call__`` where `inspect` takes it for a function without a signature."""
    if isinstance(function, functools.partial):
        called = _as_called(function.func)
        return functools.partial(called, *function.args, **function.keywords)
    if inspect.isroutine(function) and not _is_innermost(function):
        return function if hasattr(function, "__wrapped__") else function.__call__
    return function


def _unpartial(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    return function
