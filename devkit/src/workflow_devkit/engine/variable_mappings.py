"""Input and output mappings: variables into an element and out of it.

What expressions give is written as JSON (semantics#values-as-json).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_devkit.engine.expressions import Expression
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.state import Token
from workflow_devkit.engine.store import Store
from workflow_devkit.engine.variable_scopes import View, merge, set_local
from workflow_devkit.feel import to_json

__all__ = ["apply_inputs", "apply_outputs"]


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
    # The view is over the result as it grows: a later mapping sees what an earlier one has made.
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
    # Copies all the way: what is there may belong to a record or to another scope.
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
