"""Variables: local setting, merging upwards, input and output mappings.

What expressions give is written as JSON (semantics#values-as-json).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_devkit.engine.expressions import Expression
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.instances import Token, View
from workflow_devkit.feel import to_json

if TYPE_CHECKING:
    from workflow_devkit.engine.store import Store

__all__ = ["apply_inputs", "apply_outputs", "deep_copy", "merge", "set_local"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def deep_copy(scope: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing: what one side changes, the other does not see."""
    return {
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
    ``VariableBehavior.mergeDocument`` (semantics#equal-value-goes-on).
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


def apply_inputs(store: Store, token: Token) -> None:
    """Runs the input mappings; later ones see earlier ones (semantics#input-mappings)."""
    if token.node.inputs:
        set_local(store, token, _mapped(token.node.inputs, token, None))


def apply_outputs(store: Store, token: Token, variables: Mapping[str, Any] | None) -> None:
    """Brings the variables of a job or an event into the scope (semantics#output-mappings)."""
    outputs = token.node.outputs
    scope = token.parent
    if outputs and scope is not None:
        if variables:
            set_local(store, token, variables)
            token.finishing = None  # a second attempt works with what is set by then
        # Inner activities of a multi-instance write where their output element is read.
        target = token if token.node.body is not None else scope
        merge(store, target, _mapped(outputs, token, target))
    elif variables:
        merge(store, token, variables)


def _mapped(
    mappings: Sequence[tuple[tuple[str, ...], Expression]], token: Token, into: Token | None
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    view = View(token, result)
    for path, expression in mappings:
        try:
            value = to_json(expression.evaluate(view))
        except Failure as failure:
            # Zeebe evaluates all mappings as one context, and names that
            # (semantics#mapping-fails).
            message = failure.message.replace(f"'{expression.text}'", f"'{_context(mappings)}'", 1)
            raise Failure("IO_MAPPING_ERROR", message) from None
        _place(result, path, value, into)
    return result


def _context(mappings: Sequence[tuple[tuple[str, ...], Expression]]) -> str:
    parts = []
    for path, expression in mappings:
        value = expression.text if expression.feel else json.dumps(expression.static)
        for name in reversed(path[1:]):
            value = f"{{{name}:{value}}}"
        parts.append(f"{path[0]}:{value}")
    return "{" + ",".join(parts) + "}"


def _place(result: dict[str, Any], path: tuple[str, ...], value: Any, into: Token | None) -> None:
    """Puts a value at its place in the objects that are there (semantics#mapping-targets)."""
    name, *rest = path
    if not rest:
        result[name] = value
        return
    known = View(into).get(name) if into is not None and name not in result else result.get(name)
    if not isinstance(known, dict | None) or (name in result and known is None):
        result[name] = None  # what is no context cannot be merged into
        return
    target: dict[str, Any] = dict(known) if known else {}
    result[name] = target
    for part in rest[:-1]:
        inner = target.get(part)
        if not isinstance(inner, dict | None):
            target[part] = None
            return
        target[part] = dict(inner) if inner else {}
        target = target[part]
    target[rest[-1]] = value


def _write(store: Store, token: Token, name: str, value: Any) -> None:
    if token.locals is None:
        token.locals, token.variable_keys = {}, {}
    assert token.variable_keys is not None
    known = name in token.locals
    if known and token.locals[name] == value and type(token.locals[name]) is type(value):
        return
    token.locals[name] = value
    if not known:
        token.variable_keys[name] = store.next_key()
    if store.records.wanted:
        intent = "UPDATED" if known else "CREATED"
        store.write("VARIABLE", intent, token.variable_keys[name], _value, (token, name, value))


def _value(written: tuple[Token, str, Any]) -> dict[str, Any]:
    """The fields of a VARIABLE record; values of variables are replaced, never changed."""
    token, name, value = written
    instance = token.instance
    return {
        "name": name,
        "value": _encode(value),
        "scopeKey": token.key,
        "processInstanceKey": instance.key,
        "processDefinitionKey": instance.process.key,
        "bpmnProcessId": instance.process.process_id,
    }
