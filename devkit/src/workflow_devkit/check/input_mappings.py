"""From a local variable to the one that input mappings make it of."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from workflow_devkit.feel import FeelSyntaxError, compile_expression
from workflow_runtime.bpmn.model import Element

__all__ = ["Origin", "origin_of", "variable_of"]


class Origin(NamedTuple):
    """Where the value of a variable comes from.

    Attributes:
        name: the variable.
        element: before which it has to be set.
        inner: what it is called where it is read; the same name if no mapping is in between.
        mapped: whether an input mapping is in between.
    """

    name: str
    element: Element
    inner: str
    mapped: bool

    def __str__(self) -> str:
        """As it stands in a sentence."""
        made = f", which an input mapping makes of {self.name!r}" if self.mapped else ""
        return f"{self.inner!r}{made}"


def origin_of(element: Element, name: str) -> Origin | None:
    """Follows input mappings outwards, to a variable that is not local to an element.

    Args:
        element: reads the variable.
        name: the variable.

    Returns:
        Which variable has to be set, and before what; None where the element, or one around it,
        has the value from elsewhere: written there, or made of several variables.
    """
    found, inner = Origin(name, element, name, mapped=False), name
    scope: Element | None = element
    seen = len(element.inputs)
    while scope is not None:
        # The last one wins, and sees what those before it have made (semantics#input-mappings).
        targets = [variable_of(mapping.target) for mapping in scope.inputs[:seen]]
        if found.name in targets:
            seen = len(targets) - 1 - targets[::-1].index(found.name)
            mapping = scope.inputs[seen]
            source = _copied(mapping.source) if mapping.target.strip() == found.name else None
            if source is None:
                return None
            found = Origin(source, scope, inner, mapped=True)
        elif found.name in _items(scope):
            return None
        else:
            scope = scope.parent
            seen = len(scope.inputs) if scope else 0
    return found


def variable_of(target: str) -> str:
    """The variable that a mapping's target sets: ``order`` of ``order.id``."""
    return target.split(".", 1)[0].strip()


def _items(element: Element) -> set[str]:
    """What a multi-instance makes for each of its instances (semantics#multi-instance-item)."""
    loop = element.multi_instance
    return {loop.input_element or "", "loopCounter"} if loop else set()


@lru_cache(maxsize=4096)
def _copied(source: str) -> str | None:
    """The one variable without which an expression is null; None if there is none."""
    if not source.startswith("="):
        return None
    try:
        expression = compile_expression(source[1:])
    except FeelSyntaxError:
        return None
    if len(expression.names) != 1 or expression.evaluate({}).value is not None:
        return None
    return next(iter(expression.names))
