"""Functions that run around handlers: what they are, and which the builder refuses."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Awaitable, Coroutine, Iterable, Iterator, Sequence
from types import CodeType
from typing import Any, Protocol

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.handlers.callables import name_of, place_of, plain_function, runs_on_loop
from workflow_runtime.task import WorkflowTask

__all__ = ["CallNext", "Middleware", "checked_middlewares"]


class CallNext(Protocol):
    """Runs what is inside of a middleware: the next one, and in the end the handler.

    It may be called once more when it has ended, and never after the middleware's own end.
    """

    def __call__(self, task: WorkflowTask, /) -> Coroutine[Any, Any, Any]:
        """Runs it; awaited, it gives what the handler returned, or raises what that raised.

        Args:
            task: the middleware's own, or one that `WorkflowTask.with_scope` has made of it.
        """


class Middleware(Protocol):
    """A function around handlers: ``async def f(task, call_next)``.

    It ends with ``return await call_next(task)``, since what it returns is the handler's result;
    what it raises counts as raised by the handler.
    """

    def __call__(self, task: WorkflowTask, call_next: CallNext, /) -> Awaitable[Any]:
        """Runs for each attempt of a job.

        Args:
            task: the job's task.
            call_next: runs what is inside.
        """


_SHAPE = (
    "must be 'async def f(task, call_next)' and end with 'return await call_next(task)'; what "
    "is to happen before or after the handler stands before or behind that call"
)


def checked_middlewares(
    given: Iterable[Any], registered: Sequence[Middleware] = ()
) -> tuple[Middleware, ...]:
    """Reads middlewares as the builder is given them.

    Args:
        given: the middlewares, the outermost first.
        registered: those that run around the same handlers already.

    Raises:
        ConfigurationError: one is none, would lose the handler's result, or is there twice; names
            it, its place and the remedy.
    """
    found: list[Middleware] = list(registered)
    for each in given:
        middleware = each.__func__ if isinstance(each, staticmethod) else each
        where = f"middleware {name_of(middleware)}"
        where += f" ({place_of(middleware)})" if callable(middleware) else ""
        if problem := _problem(middleware):
            raise ConfigurationError(f"{where} {problem}")
        if middleware in found:
            raise ConfigurationError(
                f"{where} is registered twice for the same handler, which "
                "it would run around twice: remove one; the builder's run around all handlers"
            )
        found.append(middleware)
    return tuple(found[len(registered) :])


def _problem(middleware: Any) -> str:
    function = plain_function(middleware)
    if inspect.isclass(function):
        return f"is a class: pass an instance, {name_of(middleware)}(...)"
    if inspect.isawaitable(middleware):
        return "was called already: pass the function itself, without brackets behind it"
    if isinstance(middleware, Iterable) and not callable(middleware):
        return "is no function: give the middlewares one by one, not as a list in their place"
    if not callable(middleware):
        return f"is no function; it {_SHAPE}"
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        return f"is a generator, whose body would never run; it {_SHAPE}"
    return _misfit(middleware) or _without_result(middleware)


def _misfit(middleware: Any) -> str:
    try:
        # The outermost function is the one that is called, whatever it wraps.
        signature = inspect.signature(middleware, follow_wrapped=False)
    except (TypeError, ValueError):
        signature = None  # it is written in C and says nothing
    names = list(signature.parameters) if signature else []
    try:
        if signature:
            signature.bind(None, None)
    except TypeError:
        if names[:1] == ["self"]:
            return "is a method of a class: pass that of an instance, such as Limits(5).around"
        return f"takes {signature}; it {_SHAPE}"
    if names[:2] == ["call_next", "task"]:
        return "takes call_next first: the task comes first, async def f(task, call_next)"
    return "" if runs_on_loop(middleware) else f"is no 'async def'; it {_SHAPE}"


def _without_result(middleware: Any) -> str:
    outer = _code(plain_function(middleware))
    for code in filter(None, {outer, *_wrapped(middleware)}):
        # What a decorator has made a middleware of need not be one itself.
        if (code is outer or code.co_varnames[1:2] == ("call_next",)) and _returns_nothing(code):
            return (
                "returns nothing, so the handler's result would be lost: return await "
                "call_next(task)"
            )
    return ""


def _wrapped(function: Any) -> Iterator[CodeType | None]:
    function = plain_function(function)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
        yield _code(function)


def _code(function: Any) -> CodeType | None:
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _returns_nothing(code: CodeType) -> bool:
    """Whether it comes to an end, and gives None wherever it does.

    By its bytecode, since not every function has a source that can be read. Where that is not
    sure, it gives something.
    """
    ends = False
    before: dis.Instruction | None = None
    for each in dis.get_instructions(code):
        if each.opname in {"RETURN_VALUE", "RETURN_CONST"}:
            given = each if each.opname == "RETURN_CONST" else before
            # A jump to the return brings a value that was made elsewhere.
            known = given is not None and not (given is before and each.is_jump_target)
            if not (known and given is not None and _is_none(given)):
                return False
            ends = True
        before = each
    return ends


def _is_none(instruction: dis.Instruction) -> bool:
    constant = instruction.opname in {"LOAD_CONST", "RETURN_CONST"}
    return constant and instruction.argval is None
