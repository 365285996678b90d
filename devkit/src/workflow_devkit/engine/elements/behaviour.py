"""What all elements have: the parts of the engine at hand."""

from __future__ import annotations

from workflow_devkit.engine.element_context import ElementContext
from workflow_devkit.engine.lifecycle import Behaviour

__all__ = ["ElementBehaviour"]


class ElementBehaviour(Behaviour):
    """What one kind of element does, in one engine."""

    def __init__(self, context: ElementContext) -> None:
        self.context = context
