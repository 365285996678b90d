"""What a name in somebody's code stands for, as far as it concerns pyzeebe."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = ["AnyFunction", "Function", "Kind", "Scope"]

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class Kind(NamedTuple):
    """What an expression is.

    ``module``: a module of pyzeebe; ``word``: a class or function of it; ``value``: an object of
    such a class, and ``method`` one of its methods; ``file``: a module among the files that are
    read; ``function``, ``class``: one that is written in them, by its number.
    """

    how: Literal["module", "word", "value", "method", "file", "function", "class"]
    name: str
    own: bool = True
    """False for a class of the user's that is derived from pyzeebe's."""


@dataclass(slots=True, eq=False)
class Scope:
    """The names of a module, a class or a function. None: a name of something else."""

    outer: Scope | None = None
    is_class: bool = False
    names: dict[str, Kind | None] = field(default_factory=dict)
    attributes: dict[str, Kind | None] = field(default_factory=dict)
    """Of a class: what its methods put into ``self``."""
    owner: Scope | None = None
    """Of a method: its class."""
    globals: set[str] = field(default_factory=set)

    def find(self, name: str) -> Kind | None:
        """What a name stands for here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def find_owner(self) -> Scope | None:
        """The class whose method this is, or is within."""
        scope: Scope | None = self
        while scope is not None and scope.owner is None:
            scope = scope.outer
        return scope.owner if scope else None

    def bind(self, name: str, kind: Kind | None) -> bool:
        """Says what a name stands for; what is known already stays. Returns whether it is news."""
        scope = self
        if name in self.globals:
            while scope.outer is not None:
                scope = scope.outer
        return remember(scope.names, name, kind)


def remember(table: dict[str, Kind | None], name: str, kind: Kind | None) -> bool:
    """Fills an entry that is not known yet; returns whether it is news."""
    if table.get(name) is not None:
        return False
    table[name] = kind
    return kind is not None


@dataclass(slots=True, eq=False)
class Function:
    """A function that is written in the files."""

    node: AnyFunction
    file: str
    inner: Scope
    defined_in: Scope
    returned: list[ast.expr] = field(default_factory=list)
    returns: Kind | None = None
    role: str = ""
    """What pyzeebe calls it for: ``handler``, ``exception handler``, ``decorator``."""

    @property
    def parameters(self) -> list[ast.arg]:
        """Its parameters by position; that of the object is left out."""
        args = [*self.node.args.posonlyargs, *self.node.args.args]
        bound = self.inner.owner is not None and not any(
            isinstance(each, ast.Name) and each.id == "staticmethod"
            for each in self.node.decorator_list
        )
        return args[1:] if bound else args
