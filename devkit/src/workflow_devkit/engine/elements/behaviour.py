"""What elements have in common: the parts of the engine at hand, and passing without waiting."""

from __future__ import annotations

from typing_extensions import override

from workflow_devkit.engine.element_context import ElementContext
from workflow_devkit.engine.lifecycle import Behaviour, Lifecycle
from workflow_devkit.engine.state import Token

__all__ = ["ElementBehaviour", "PassThrough"]


class ElementBehaviour(Behaviour):
    """What one kind of element does, in one engine."""

    def __init__(self, context: ElementContext) -> None:
        self.context = context


class PassThrough(ElementBehaviour):
    """What is passed without waiting, and without input mappings."""

    @override
    def takes_inputs(self, token: Token) -> bool:
        # The broker passes them over (semantics#mappings-left-out).
        return False

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        # In a step of its own, as in the broker's log.
        life.activated(token)
        life.store.later(life.complete, token)
