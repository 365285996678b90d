"""Variables and their scopes: what an element sees, setting, merging upwards."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from workflow_devkit.engine.record_values import variable_value
from workflow_devkit.engine.state import Token
from workflow_devkit.engine.store import Store

__all__ = ["View", "deep_copy", "merge", "set_local"]


class View(Mapping[str, Any]):
    """What an expression in a scope sees: the nearest scope wins (semantics#variable-scopes)."""

    __slots__ = ("_extra", "_token")

    def __init__(self, token: Token | None, extra: Mapping[str, Any] | None = None) -> None:
        self._token = token
        self._extra = extra

    def __getitem__(self, name: str) -> Any:
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        token = self._token
        while token is not None:
            if token.locals is not None and name in token.locals:
                return token.locals[name]
            token = token.parent
        raise KeyError(name)

    # Not left to `Mapping`, which asks for the value and catches the KeyError: a name that is in no
    # scope is found out in a third of the time.
    def __contains__(self, name: object) -> bool:
        if self._extra is not None and name in self._extra:
            return True
        token = self._token
        while token is not None:
            if token.locals is not None and name in token.locals:
                return True
            token = token.parent
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.merged())

    def __len__(self) -> int:
        return len(self.merged())

    def merged(self) -> dict[str, Any]:
        """All visible variables."""
        layers: list[Mapping[str, Any]] = []
        token = self._token
        while token is not None:
            if token.locals:
                layers.append(token.locals)
            token = token.parent
        merged: dict[str, Any] = {}
        for layer in reversed(layers):
            merged.update(layer)
        if self._extra:
            merged.update(self._extra)
        return merged


def deep_copy(scope: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing: what one side changes, the other does not see."""
    return {
        # Texts and numbers cannot be changed: they need no copy.
        name: copy.deepcopy(value) if isinstance(value, dict | list) else value
        for name, value in scope.items()
    }


def set_local(store: Store, token: Token, values: Mapping[str, Any]) -> None:
    """Sets variables exactly in this scope."""
    for name, value in values.items():
        _write(store, token, name, value)


def merge(store: Store, token: Token, values: Mapping[str, Any]) -> None:
    """Merges from this scope upwards: where a name exists it is updated, the rest goes to the root.

    See semantics#variables-merge-upwards.

    A value equal to the one it meets is not used up there and goes on upwards, as in Zeebe's
    ``VariableBehavior.mergeDocument`` (semantics#equal-value-goes-on, camunda/camunda#19441).
    """
    if not values:
        return
    remaining = dict(values)
    scope = token
    while scope.parent is not None:
        if scope.locals:
            for name in [n for n in remaining if n in scope.locals]:
                if scope.locals[name] != remaining[name]:
                    _write(store, scope, name, remaining.pop(name))
        scope = scope.parent
    set_local(store, scope, remaining)


def _write(store: Store, token: Token, name: str, value: Any) -> None:
    if token.locals is None:
        token.locals, token.variable_keys = {}, {}
    assert token.variable_keys is not None
    known = name in token.locals
    # For Python 1, 1.0 and True are equal; as JSON they are three values.
    if known and token.locals[name] == value and type(token.locals[name]) is type(value):
        return
    # Replaced, never changed: records hold the old value (docs/decisions/records-as-rows.md).
    token.locals[name] = value
    if not known:
        token.variable_keys[name] = store.next_key()
    if store.records.wanted:
        intent = "UPDATED" if known else "CREATED"
        store.write(
            "VARIABLE", intent, token.variable_keys[name], variable_value, (token, name, value)
        )
