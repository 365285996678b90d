"""Multi-instance bodies: one activity for each item of a list (semantics#multi-instance).

As in Zeebe's ``MultiInstanceBodyProcessor`` the input collection is evaluated anew for each of
them: somebody may change it meanwhile.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from workflow_devkit.engine.elements.behaviour import ElementBehaviour
from workflow_devkit.engine.executable import Loop
from workflow_devkit.engine.expressions import explain, zeebe_type
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.lifecycle import IncidentEnds, Lifecycle
from workflow_devkit.engine.state import LoopState, Token
from workflow_devkit.engine.variable_scopes import View, merge, set_local
from workflow_devkit.feel import to_json
from workflow_runtime.bpmn.model import Kind

_COUNTER = "loopCounter"


class MultiInstanceBody(ElementBehaviour):
    """Runs its inner activity for each item, at once or one after the other."""

    incident_ends = IncidentEnds.AFTER_CHILDREN

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        loop = _loop(token)
        # Before anything is open: a wrong collection is an incident that leaves nothing behind.
        count = len(_items(loop, token))
        # At the body: a boundary event ends all of it (semantics#multi-instance).
        self.context.catch_events.open(token, token.node.boundaries)
        token.loop = LoopState()
        life.activated(token)
        if loop.output_collection:
            set_local(life.store, token, {loop.output_collection: [None] * count})
        if not count:
            life.store.later(life.complete, token)
        elif loop.sequential:
            self._next(life, token)
        else:
            life.store.later(self._start_all, life, token, count)

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        # Before the output goes up (``MultiInstanceBodyProcessor.onComplete``), not after it as
        # elsewhere; `Lifecycle` then finds nothing to close.
        life.subscriptions.close_all(token)
        name = _loop(token).output_collection
        if name and token.parent is not None:
            merge(life.store, token.parent, {name: (token.locals or {}).get(name)})

    @override
    def child_activating(self, life: Lifecycle, scope: Token, child: Token) -> None:
        # Its number, its item and a place for its output (semantics#multi-instance-item).
        loop, state = _loop(scope), _state(scope)
        # A second attempt, when its incident is resolved, keeps its number.
        if not child.counter:
            state.started += 1
            child.counter = state.started
        items = _items(loop, child)
        if child.counter > len(items):
            raise Failure("EXTRACT_VALUE_ERROR", _missing(child.counter - 1, len(items)))
        item = loop.input_element
        if item:
            set_local(life.store, child, {item: to_json(items[child.counter - 1])})
        # Of an output element `=a.b` each inner activity has an `a` of its own.
        if loop.result_name and loop.result_name not in {item, _COUNTER}:
            set_local(life.store, child, {loop.result_name: None})
        set_local(life.store, child, {_COUNTER: child.counter})

    @override
    def child_completing(self, life: Lifecycle, scope: Token, child: Token) -> bool:
        loop = _loop(scope)
        if loop.output_element is not None and loop.output_collection:
            _collect(life, loop, scope, child)
        done = _is_done(loop, scope, child)
        # Only to fail where the broker does: it reads the collection here as well.
        _items(loop, scope)
        return done

    @override
    def child_completed(self, life: Lifecycle, scope: Token, child: Token, *, done: bool) -> None:
        loop, state = _loop(scope), _state(scope)
        state.completed += 1
        if done:
            # Otherwise the last child that is terminated completes the body.
            if life.terminate_children(scope) or loop.sequential:
                life.store.later(life.complete, scope)
            return
        # Evaluated again: a sequential body ends with the list of now.
        count = len(_items(loop, scope))
        if loop.sequential and state.started < count:
            self._next(life, scope)
        elif not scope.children and state.completed + state.terminated == count:
            life.store.later(life.complete, scope)

    @override
    def children_terminated(self, life: Lifecycle, scope: Token) -> None:
        # The completion condition was true, and the last of the rest has ended.
        life.store.later(life.complete, scope)

    def _start_all(self, life: Lifecycle, body: Token, count: int) -> None:
        for _ in range(count):
            self._next(life, body)

    def _next(self, life: Lifecycle, body: Token) -> None:
        assert body.node.inner is not None
        life.activate_later(body.node.inner, body)


def _items(loop: Loop, token: Token) -> list[Any]:
    value, warnings = loop.input_collection.explained(View(token))
    if isinstance(value, list):
        return value
    text = (
        f"Expected result of the expression '{loop.input_collection.text}' to be 'ARRAY', "
        f"but was '{zeebe_type(value)}'."
    )
    raise Failure("EXTRACT_VALUE_ERROR", text + explain(warnings))


def _missing(index: int, count: int) -> str:
    return (
        f"Expected to read item at index {index} of the multiInstanceBody input collection but it "
        f"contains only {count} elements. The input collection might be modified while iterating "
        "over it."
    )


def _collect(life: Lifecycle, loop: Loop, body: Token, inner: Token) -> None:
    """Writes the output of an inner activity at its place (semantics#multi-instance-output)."""
    assert loop.output_element is not None
    assert loop.output_collection is not None
    value = loop.output_element.evaluate_json(View(inner))
    written = (body.locals or {}).get(loop.output_collection)
    _check_output(loop.output_collection, written, inner.counter, body)
    # A copy: records hold the list of before (docs/decisions/records-as-rows.md).
    output = list(written or ())
    output[inner.counter - 1] = value
    set_local(life.store, body, {loop.output_collection: output})


def _check_output(name: str, written: Any, counter: int, body: Token) -> None:
    unable = f"Unable to update an item in output collection '{name}' "
    why = "This may happen when multiple BPMN elements write to the same variable."
    if not isinstance(written, list):
        # The broker names the type as MessagePack does, not as FEEL.
        found = _MESSAGE_PACK.get(type(written), "MAP")
        text = f"because the type of the output collection is: {found}. {why}"
        raise Failure("EXTRACT_VALUE_ERROR", unable + text, body.key)
    if counter > len(written):
        text = f"at position {counter} because the size of the collection is: {len(written)}. {why}"
        raise Failure("EXTRACT_VALUE_ERROR", unable + text, body.key)


_MESSAGE_PACK = {
    type(None): "NIL", bool: "BOOLEAN", int: "INTEGER", float: "FLOAT", str: "STRING", dict: "MAP",
}  # fmt: skip


def _is_done(loop: Loop, body: Token, inner: Token) -> bool:
    """Whether the completion condition says enough (semantics#multi-instance-completion)."""
    if loop.completion is None:
        return False
    state = _state(body)
    counts = {
        "numberOfInstances": state.started,
        # The one that asks is still among the children, but counts as completed.
        "numberOfActiveInstances": body.active_children - 1,
        "numberOfCompletedInstances": state.completed + 1,
        "numberOfTerminatedInstances": state.terminated,
    }
    return loop.completion.boolean(View(inner, counts))


def _loop(token: Token) -> Loop:
    loop = token.node.loop
    assert loop is not None
    return loop


def _state(token: Token) -> LoopState:
    state = token.loop
    assert state is not None
    return state


BEHAVIOURS = {Kind.MULTI_INSTANCE_BODY: MultiInstanceBody}
