"""Which functions an expression calls that it does not define itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from typing import Any

from workflow_devkit.feel import nodes, parse


# Two rules ask for each expression; as many entries as FEEL's cache of compiled expressions.
@lru_cache(maxsize=4096)
def called_functions(source: str) -> tuple[str, ...]:
    """Names in the order of their calls, each once.

    Names that the expression binds anywhere are left out: they may be functions of its own.
    """
    # A function may be called before the text binds it, so names are collected first.
    found = list(_nodes(parse(source)))
    own = {name for node in found for name in _bound(node)}
    called = (node.name for node in found if isinstance(node, nodes.Call) and node.target is None)
    return tuple(dict.fromkeys(name for name in called if name not in own))


def _bound(node: Any) -> Iterator[str]:
    if isinstance(node, nodes.ContextLiteral):
        yield from (key for key, _ in node.entries)
    elif isinstance(node, nodes.For | nodes.Quantified):
        yield from (name for name, _ in node.iterators)
    elif isinstance(node, nodes.Lambda):
        yield from node.parameters


def _nodes(tree: Any) -> Iterator[Any]:
    stack = [tree]
    while stack:
        here = stack.pop()
        if isinstance(here, list | tuple):
            stack.extend(reversed(here))
        elif isinstance(here, dict):
            stack.extend(reversed(here.values()))
        elif getattr(here, "__module__", "") == nodes.__name__:
            yield here
            stack.extend(getattr(here, each.name) for each in reversed(fields(here)))
