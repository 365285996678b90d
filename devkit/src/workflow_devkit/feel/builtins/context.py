"""Functions about contexts."""

from __future__ import annotations

from typing import Any, Final

from workflow_devkit.feel.builtins.arguments import context, items, text
from workflow_devkit.feel.builtins.signature import Builtin
from workflow_devkit.feel.run import Run
from workflow_devkit.feel.values import FeelFunction, enter


def _get_entries(_run: Run, given: Any) -> list[Any]:
    entries = context(given).items()
    return [
        {"key": key, "value": enter(value)}
        for key, value in entries
        if type(value) is not FeelFunction
    ]


def _get_value(_run: Run, given: Any, path: Any) -> Any:
    if type(path) is str:
        return enter(context(given).get(path))
    value: Any = context(given)
    keys = items(path)
    # No warning, as recorded; the keys given to `context put` are refused with one.
    if not all(type(key) is str for key in keys):
        return None
    for key in keys:
        value = value.get(key) if type(value) is dict else None
    return enter(value) if keys else None


def _put(_run: Run, given: Any, path: Any, value: Any) -> Any:
    source = context(given)
    if type(path) is str:
        return {**source, path: value}
    keys = [text(key) for key in items(path)]
    return _put_path(source, keys, value) if keys else None


def _put_path(given: dict[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    # Only the contexts on the path are copied: the rest stays shared with the caller's.
    result = dict(given)
    inner = result
    for key in keys[:-1]:
        below = inner.get(key)
        inner[key] = dict(below) if type(below) is dict else {}
        inner = inner[key]
    inner[keys[-1]] = value
    return result


def _merge(_run: Run, contexts: Any) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for given in items(contexts):
        if type(given) is not dict:
            return None
        merged.update(given)
    return merged


def _context(_run: Run, entries: Any) -> dict[str, Any] | None:
    if type(entries) is not list or not all(map(_is_entry, entries)):
        return None
    return {entry["key"]: entry["value"] for entry in entries}


def _is_entry(value: Any) -> bool:
    return type(value) is dict and "value" in value and type(value.get("key")) is str


CONTEXT: Final = (
    Builtin("get entries", ("context",), _get_entries),
    # feel-scala has this under both names of the parameter, as a call by name shows (recorded).
    Builtin("get entries", ("m",), _get_entries),
    Builtin("get value", ("m", "key"), _get_value),
    Builtin("get value", ("context", "key"), _get_value),
    Builtin("get value", ("context", "keys"), _get_value),
    Builtin("context put", ("context", "key", "value"), _put),
    Builtin("context put", ("context", "keys", "value"), _put),
    Builtin("put", ("context", "key", "value"), _put),
    Builtin("context merge", ("contexts",), _merge, variadic=True),
    Builtin("put all", ("contexts",), _merge, variadic=True),
    Builtin("context", ("entries",), _context),
)
