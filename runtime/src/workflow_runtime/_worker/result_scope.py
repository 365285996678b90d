"""What a handler gives back, as variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from workflow_runtime._log.headlines import headline
from workflow_runtime.gateway.encoding import EncodedScope

_UNFINISHED = (GeneratorType, AsyncGeneratorType, CoroutineType)


class NoScope(Exception):
    """What was given back cannot become variables; its text says why."""


def scope_of(result: Any) -> EncodedScope:
    """Makes variables of a mapping, a model, a dataclass or a named tuple.

    Raises:
        NoScope: it is something else, or fails while it is turned into JSON.
    """
    try:
        return EncodedScope(_mapping(result))
    except NoScope:
        raise
    except ValueError as error:
        raise NoScope(str(error) or headline(error)) from error
    except BaseException as error:
        # Models, lazy mappings and iterators run code of the handler's while they are read.
        raise NoScope(headline(error)) from error


def _mapping(result: Any) -> dict[str, Any]:
    if isinstance(result, BaseModel):
        # By alias: so the variables are called in the diagram. Pydantic's warning of a field that
        # was given another type shows the value; one that it only holds elsewhere has none either.
        result = result.model_dump(mode="json", by_alias=True, warnings=False)
    elif isinstance(result, _UNFINISHED):
        raise NoScope(f"a {type(result).__name__} has given nothing back: return, not yield")
    elif isinstance(result, tuple) and hasattr(result, "_asdict"):
        result = result._asdict()
    elif not isinstance(result, dict):
        result = dict(result) if isinstance(result, Mapping) else to_jsonable_python(result)
    if not isinstance(result, dict):
        kind = type(result).__name__
        raise NoScope(f"expected a mapping, a pydantic model or None, not {kind}")
    return _with_names(result)


def _with_names(result: dict[Any, Any]) -> dict[str, Any]:
    names: Iterable[Any] = result
    if not all(isinstance(name, str) for name in names):
        raise NoScope("names of variables must be text")
    return result
