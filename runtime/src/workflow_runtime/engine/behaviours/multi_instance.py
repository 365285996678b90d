"""Multi-instance bodies: one activity for each item of a list (rule 34)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_runtime.engine.context import Context
from workflow_runtime.engine.executable import Loop
from workflow_runtime.engine.expressions import explain, zeebe_type
from workflow_runtime.engine.failures import Failure
from workflow_runtime.engine.instances import LoopState, State, Token, View
from workflow_runtime.engine.lifecycle import Behaviour, Lifecycle
from workflow_runtime.engine.variables import merge, set_local
from workflow_runtime.feel import to_json


class MultiInstanceBody(Behaviour):
    """Runs its inner activity for each item, at once or one after the other."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def activate(self, life: Lifecycle, token: Token) -> None:
        """Reads the input collection and begins."""
        loop = _loop(token)
        token.loop = LoopState(self._items(loop, token))
        self._context.catching.open(token, token.node.boundaries)
        life.activated(token)
        if loop.output_collection:
            set_local(life.store, token, {loop.output_collection: [None] * len(token.loop.items)})
        if not token.loop.items:
            life.store.later(life.complete, token)
            return
        count = 1 if loop.sequential else len(token.loop.items)
        for _ in range(count):
            self._next(life, token)

    def complete(self, life: Lifecycle, token: Token) -> None:
        """Hands the output collection up."""
        name = _loop(token).output_collection
        if name and token.parent is not None and token.loop is not None:
            merge(life.store, token.parent, {name: (token.locals or {}).get(name)})

    def child_gone(self, life: Lifecycle, token: Token) -> None:
        """All inner activities have ended."""
        state = token.loop
        assert state is not None
        if state.index < len(state.items) and not state.done:
            self._next(life, token)
        else:
            life.store.later(life.complete, token)

    def inner_variables(self, body: Token, index: int) -> Mapping[str, Any]:
        """The local variables of one inner activity."""
        state = body.loop
        assert state is not None
        variables: dict[str, Any] = {"loopCounter": index + 1}
        name = _loop(body).input_element
        if result := _loop(body).result_name:
            variables = {result: None, **variables}
        return {name: state.items[index], **variables} if name else variables

    def inner_completed(self, life: Lifecycle, inner: Token) -> None:
        """Collects the output of one, in the order of the items."""
        body = inner.parent
        assert body is not None
        assert body.loop is not None
        loop, state = _loop(body), body.loop
        counter = (inner.locals or {}).get("loopCounter", 1)
        if loop.output_element is not None and loop.output_collection:
            value = loop.output_element.evaluate_json(View(inner))
            written = (body.locals or {}).get(loop.output_collection)
            output = list(written) if isinstance(written, list) else []
            output[counter - 1 : counter] = [value]
            set_local(life.store, body, {loop.output_collection: output})
        state.done = self._is_done(body)
        state.completed += 1

    def after_inner(self, life: Lifecycle, body: Token) -> None:
        """Ends the rest when the completion condition is true."""
        assert body.loop is not None
        if body.state is State.ACTIVATED and body.loop.done:
            body.loop.terminated += body.active_children
            life.terminate_children(body)

    def _next(self, life: Lifecycle, token: Token) -> None:
        inner = token.node.inner
        assert inner is not None
        assert token.loop is not None
        index = token.loop.index
        token.loop.index += 1
        life.activate_inner(inner, token, self.inner_variables(token, index))

    def _items(self, loop: Loop, token: Token) -> list[Any]:
        value, warnings = loop.input_collection.explained(View(token))
        if isinstance(value, list):
            return list(to_json(value))
        text = (
            f"Expected result of the expression '{loop.input_collection.text}' to be 'ARRAY', "
            f"but was '{zeebe_type(value)}'."
        )
        raise Failure("EXTRACT_VALUE_ERROR", text + explain(warnings))

    def _is_done(self, token: Token) -> bool:
        loop, state = _loop(token), token.loop
        if loop.completion is None or state is None:
            return False
        counts = {
            "numberOfInstances": len(state.items),
            "numberOfActiveInstances": token.active_children - 1,
            "numberOfCompletedInstances": state.completed + 1,
            "numberOfTerminatedInstances": state.terminated,
        }
        return loop.completion.boolean(View(token, counts))


def _loop(token: Token) -> Loop:
    loop = token.node.loop
    assert loop is not None
    return loop
