"""Which nodes of a graph lead to one another, in time linear in its nodes and edges."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

__all__ = ["components"]

T = TypeVar("T")


def components(
    nodes: Iterable[T], following: Callable[[T], Iterable[T]], key: Callable[[T], Hashable]
) -> Iterator[list[T]]:
    """The strongly connected components of a graph (Tarjan, 1972).

    Args:
        nodes: where to begin; what they lead to is found.
        following: the nodes to which one leads.
        key: what a node is known by.

    Returns:
        Each component as the list of its nodes. Those that a component leads to come before it.
    """
    search = _Search(following, key)
    for node in nodes:
        if not search.knows(node):
            yield from search.begin(node)


class _Search(Generic[T]):
    def __init__(self, following: Callable[[T], Iterable[T]], key: Callable[[T], Hashable]) -> None:
        self._following = following
        self._key = key
        # The order of arrival, and the first arrival that is reached; -1 once it has a component.
        self._number: dict[Hashable, int] = {}
        self._lowest: dict[Hashable, int] = {}
        self._open: list[T] = []

    def knows(self, node: T) -> bool:
        return self._key(node) in self._number

    def begin(self, start: T) -> Iterator[list[T]]:
        # A path instead of recursion: a graph may be deeper than Python's stack.
        path = [(start, self._enter(start))]
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                if path:
                    self._lower(path[-1][0], self._lowest[self._key(node)])
                yield from self._leave(node)
            elif not self.knows(target):
                path.append((target, self._enter(target)))
            elif self._lowest[self._key(target)] >= 0:
                self._lower(node, self._number[self._key(target)])

    def _enter(self, node: T) -> Iterator[T]:
        key = self._key(node)
        self._number[key] = self._lowest[key] = len(self._number)
        self._open.append(node)
        return iter(self._following(node))

    def _lower(self, node: T, number: int) -> None:
        key = self._key(node)
        self._lowest[key] = min(self._lowest[key], number)

    def _leave(self, node: T) -> Iterator[list[T]]:
        key = self._key(node)
        if self._lowest[key] != self._number[key]:
            return
        component = []
        while self._lowest[key] >= 0:
            member = self._open.pop()
            self._lowest[self._key(member)] = -1
            component.append(member)
        yield component
