"""From a file's tree to what it says: names and where they come from, in one walk."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from textwrap import shorten
from typing import NamedTuple

from workflow_devkit.migration.kinds import Function, Kind, Scope
from workflow_devkit.migration.python_files import SourceFile

__all__ = ["Assigned", "Imported", "Module", "code_of", "read_module"]

_Functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Assigned(NamedTuple):
    """``target = value`` or ``target: annotation``, in whatever form."""

    scope: Scope
    target: ast.expr
    value: ast.expr
    is_annotation: bool = False


class Imported(NamedTuple):
    """A name that comes from another module; ``name`` is empty for the module itself."""

    scope: Scope
    bound: str
    module: str
    name: str
    alias: ast.alias


@dataclass(slots=True, eq=False)
class Module:
    """A file and what it says."""

    source: SourceFile
    shown: str
    """How the file is named to people."""
    scope: Scope = field(default_factory=Scope)
    names: list[tuple[ast.Name | ast.Attribute, Scope]] = field(default_factory=list)
    """Whatever is named in it, each with the names that it sees."""
    calls: list[tuple[ast.Call, Scope]] = field(default_factory=list)
    """Whatever is called in it, likewise."""
    assigned: list[Assigned] = field(default_factory=list)
    imported: list[Imported] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[tuple[ast.ClassDef, Scope]] = field(default_factory=list)
    loops: dict[tuple[Scope, str], ast.expr] = field(default_factory=dict)
    """The names that loops have, and what these go through."""
    tables: dict[str, ast.expr] = field(default_factory=dict)
    """Lists and dictionaries by their names."""
    attributes: dict[str, Kind | None] = field(default_factory=dict)
    """What stands in attributes and keys of this name, of whatever object."""
    postponed: bool = False
    """``from __future__ import annotations``: all annotations are texts."""


def code_of(node: ast.expr, longest: int = 60) -> str:
    """An expression as code, on one line, cut where it is long."""
    try:
        return shorten(ast.unparse(node), longest, placeholder="…")
    except RecursionError:  # `ast.unparse` needs several frames for each level
        return "…"


def read_module(source: SourceFile, shown: str) -> Module:
    """Walks through a file's tree.

    Args:
        source: the file.
        shown: how it is named to people.
    """
    module = Module(source, shown)
    _Walk(module).run()
    return module


class _Walk:
    """A walk with a stack of its own: deeply nested code needs none of Python's."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._waiting: list[tuple[ast.AST, Scope, Function | None]] = []

    def run(self) -> None:
        module = self._module
        self._waiting.append((module.source.tree, module.scope, None))
        while self._waiting:
            node, scope, function = self._waiting.pop()
            if isinstance(node, ast.Name | ast.Attribute):
                module.names.append((node, scope))
            elif isinstance(node, ast.Call):
                module.calls.append((node, scope))
            if isinstance(node, _Functions):
                self._function(node, scope, function)
                continue
            if isinstance(node, ast.ClassDef):
                self._class(node, scope, function)
                continue
            self._note(node, scope, function)
            self._later(ast.iter_child_nodes(node), scope, function)

    def _later(self, nodes: Iterable[ast.AST], scope: Scope, function: Function | None) -> None:
        # In reverse: the last one that is put on the stack is taken first.
        self._waiting += [(node, scope, function) for node in reversed(list(nodes))]

    def _function(self, node: _Functions, scope: Scope, around: Function | None) -> None:
        # Methods do not see the names of their class.
        outer = scope.outer if scope.is_class else scope
        inner = Scope(outer, owner=scope if scope.is_class else None)
        function = around
        if not isinstance(node, ast.Lambda):
            function = Function(node, self._module.shown, inner, scope)
            self._module.functions.append(function)
            outside = [*node.decorator_list, *([node.returns] if node.returns else [])]
            self._later(node.body, inner, function)
            self._later(outside, scope, around)
        else:
            self._later([node.body], inner, around)
        self._parameters(node.args, inner)
        self._later([node.args], scope, around)

    def _parameters(self, args: ast.arguments, inner: Scope) -> None:
        positional = [*args.posonlyargs, *args.args]
        others = [each for each in (args.vararg, args.kwarg) if each]
        for each in (*positional, *args.kwonlyargs, *others):
            inner.names[each.arg] = None
            if each.annotation:
                target = ast.Name(each.arg, ast.Store())
                self._module.assigned.append(Assigned(inner, target, each.annotation, True))
        late = positional[len(positional) - len(args.defaults) :]
        defaults = [*zip(late, args.defaults, strict=True),
                    *zip(args.kwonlyargs, args.kw_defaults, strict=True)]  # fmt: skip
        for each, default in defaults:
            if default is not None:
                name = ast.Name(each.arg, ast.Store())
                self._module.assigned.append(Assigned(inner, name, default))

    def _class(self, node: ast.ClassDef, scope: Scope, around: Function | None) -> None:
        outer = scope.outer if scope.is_class else scope
        inner = Scope(outer, is_class=True)
        self._module.classes.append((node, inner))
        scope.names.setdefault(node.name, None)
        self._later(node.body, inner, around)
        heads = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
        self._later(heads, scope, around)

    def _note(self, node: ast.AST, scope: Scope, function: Function | None) -> None:
        for target, value in _bound(node):
            self._assign(scope, target, value)
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            for each in ast.walk(node.target):
                if isinstance(each, ast.Name):
                    self._module.loops[scope, each.id] = node.iter
        match node:
            case ast.AnnAssign(target=target, annotation=annotation):
                self._module.assigned.append(Assigned(scope, target, annotation, True))
            case ast.Return(value=given) | ast.Yield(value=given) if given and function:
                function.returned.append(given)
            case ast.Global(names=names):
                scope.globals.update(names)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)

    def _assign(self, scope: Scope, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            # `worker, client = ZeebeWorker(c), ZeebeClient(c)`
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                for one, its in zip(target.elts, value.elts, strict=True):
                    self._assign(scope, one, its)
            return
        self._module.assigned.append(Assigned(scope, target, value))
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict | ast.List | ast.Tuple):
            self._module.tables[target.id] = value

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                # `import pyzeebe.errors` binds `pyzeebe`.
                bound = alias.asname or alias.name.partition(".")[0]
                module, name = (alias.name if alias.asname else bound), ""
            else:
                bound, name = alias.asname or alias.name, alias.name
                module = "." * node.level + (node.module or "")
                if (module, name) == ("__future__", "annotations"):
                    self._module.postponed = True
            self._module.imported.append(Imported(scope, bound, module, name, alias))


def _bound(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a statement gives a name, and what it is; of a loop: what it goes through."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.withitem(context_expr=value, optional_vars=target) if target is not None:
            yield target, value
        case (
            ast.For(target=target, iter=value)
            | ast.AsyncFor(target=target, iter=value)
            | ast.comprehension(target=target, iter=value)
        ):
            yield target, value
