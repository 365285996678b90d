"""What the names in a set of files stand for: known from one another, in a few rounds."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from workflow_devkit.migration.kinds import Function, Kind, Scope, remember
from workflow_devkit.migration.reading import Assigned, Module, code_of
from workflow_devkit.migration.words import INSTANCES, WORDS
from workflow_devkit.syntax import tree_of

__all__ = ["Knowledge"]

_ROUNDS: Final = 6
"""So many names may stand one behind the other: a client, a function that returns it, …"""
_DEPTH: Final = 40
"""Parts of one expression that are looked at."""
_LONGEST: Final = 200
"""Letters of an annotation that is a text."""
_PASSING: Final = frozenset(
    {"anext", "cast", "Depends", "enter_async_context", "enter_context", "next", "partial", "run",
     "run_until_complete", "Security"}
)  # fmt: skip
"""Functions that give what they are given, or what that gives."""
_MODULES: Final = frozenset({"errors", "exceptions"})


class Knowledge:
    """Knows what expressions are.

    Args:
        modules: the files, which may import one another.
    """

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = modules
        self.functions: list[Function] = [each for m in modules for each in m.functions]
        self._classes = [each for m in modules for each in m.classes]
        self._attributes: dict[str, Kind | None] = {}
        self._module_of: dict[int, Module] = {id(m.scope): m for m in modules}
        self._by_name = _names_of(modules)
        self.sees_pyzeebe = any(
            each.module.partition(".")[0] == "pyzeebe" for m in modules for each in m.imported
        )
        """Whether one of the files imports it: then a method's name says more."""
        self._number_definitions()
        self.learn()

    def learn(self) -> None:
        """Looks at all assignments until nothing new is found."""
        for _ in range(_ROUNDS):
            # Each module is looked at, also behind one that brings news.
            news = [self._learn_from(module) for module in self.modules]
            if not any(news):
                return

    # One return for each kind of expression.
    def kind(  # noqa: PLR0911
        self, node: ast.expr | None, scope: Scope, depth: int = 0
    ) -> Kind | None:
        """What an expression is; None where it has nothing to do with pyzeebe."""
        if depth > _DEPTH or node is None:
            return None
        match node:
            case ast.Name(id=name):
                return scope.find(name)
            case ast.Attribute(value=value, attr=attr):
                return self._attribute(value, attr, scope, depth)
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.Subscript(value=value, slice=index):
                return self._item(value, index, scope, depth)
            case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.kind(value, scope, depth + 1)
            case ast.IfExp(body=first, orelse=second):
                return self._first([first, second], scope, depth)
            case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
                return self._first(values, scope, depth)
            case ast.Dict(values=values):
                return self._first(values, scope, depth)
        return None

    def annotated(self, node: ast.expr, scope: Scope) -> Kind | None:
        """What an annotation says of its name: ``Job``, ``"Job"``, ``Annotated[Job, …]``."""
        for part in _parts(node):
            kind = self.kind(part, scope)
            if kind and kind.how in {"word", "value"} and kind.name in INSTANCES:
                return Kind("value", kind.name)
        return None

    def is_record(self, node: ast.expr | None, scope: Scope) -> bool:
        """Whether an annotation is a class that is written in the files, and no enumeration."""
        match node:
            case ast.Constant(value=str(text)):
                return any(self.is_record(part, scope) for part in islice(_in_text(text), 1))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.is_record(left, scope) or self.is_record(right, scope)
            case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
                return self.is_record(inner, scope)
        kind = self.kind(node, scope)
        if kind is None or kind.how != "class":
            return False
        bases = self._classes[int(kind.name)][0].bases
        return not any("Enum" in code_of(base) for base in bases)

    def function(self, node: ast.expr | None, scope: Scope) -> Function | None:
        """The function that an expression names."""
        kind = self.kind(node, scope)
        return self.functions[int(kind.name)] if kind and kind.how == "function" else None

    def _number_definitions(self) -> None:
        for number, function in enumerate(self.functions):
            scope = function.defined_in
            kind = Kind("function", str(number))
            remember(scope.attributes if scope.is_class else scope.names, function.node.name, kind)
        for number, (node, inner) in enumerate(self._classes):
            # Bound where it stands: `_Walk` has left the name of each class in that scope.
            if inner.outer is not None:
                remember(inner.outer.names, node.name, Kind("class", str(number)))

    def _learn_from(self, module: Module) -> bool:
        news = [self._import(module), self._bases(module), self._returns(module)]
        news += [self._assign(module, each) for each in module.assigned]
        news += [self._arguments(node, scope) for node, scope in module.calls]
        return any(news)

    def _import(self, module: Module) -> bool:
        news = False
        for scope, bound, origin, name, _ in module.imported:
            if name == "*":
                for each in _starred(origin):
                    news |= scope.bind(each, Kind("word", each))
                for key, kind in self._names_in(module, origin).items():
                    news |= scope.bind(key, kind)
                continue
            news |= scope.bind(bound, self._imported(module, origin, name))
        return news

    def _imported(self, module: Module, origin: str, name: str) -> Kind | None:
        if origin.partition(".")[0] == "pyzeebe":
            return _member(origin, name) if name else Kind("module", origin)
        path = f"{origin}.{name}" if name and not origin.endswith(".") else f"{origin}{name}"
        if file := self._file(module, path):
            return Kind("file", str(id(file.scope)))
        return self._names_in(module, origin).get(name)

    def _names_in(self, module: Module, origin: str) -> Mapping[str, Kind | None]:
        file = self._file(module, origin)
        return file.scope.names if file and file is not module else {}

    def _file(self, module: Module, origin: str) -> Module | None:
        dots = len(origin) - len(origin.lstrip("."))
        if dots:
            home = module.source.path.parts[:-dots] if dots else ()
            return self._by_name.get(".".join([*home, *origin[dots:].split(".")]).strip("."))
        return self._by_name.get(origin)

    def _bases(self, module: Module) -> bool:
        news = False
        for node, inner in module.classes:
            if inner.outer is None:
                continue
            for base in node.bases:
                kind = self.kind(base, inner.outer)
                if kind and kind.how == "word" and inner.outer.names.get(node.name) != kind:
                    derived = Kind("word", kind.name, own=False)
                    news |= inner.outer.names.get(node.name) != derived
                    inner.outer.names[node.name] = derived
        return news

    def _returns(self, module: Module) -> bool:
        news = False
        for function in module.functions:
            if function.returns is None:
                said = function.node.returns
                kind = self.annotated(said, function.defined_in) if said else None
                function.returns = kind or self._first(function.returned, function.inner, 0)
                news |= function.returns is not None
        return news

    def _assign(self, module: Module, assigned: Assigned) -> bool:
        scope, target, value, is_annotation = assigned
        kind = self.annotated(value, scope) if is_annotation else self.kind(value, scope)
        if kind is None and isinstance(value, ast.Subscript):
            kind = self.annotated(value, scope)  # `Client = Annotated[ZeebeClient, …]`
        match target:
            case ast.Name(id=name):
                news = scope.bind(name, kind)
                if scope.is_class:
                    remember(scope.attributes, name, kind)
                    self._put(module, name, kind)
                return news
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attr) if scope.owner:
                self._put(module, attr, kind)
                return remember(scope.owner.attributes, attr, kind)
            case ast.Attribute(attr=attr) | ast.Subscript(slice=ast.Constant(value=str(attr))):
                return self._put(module, attr, kind)
        return False

    def _put(self, module: Module, attr: str, kind: Kind | None) -> bool:
        if kind is None or kind.how != "value":
            return False
        remember(module.attributes, attr, kind)
        return remember(self._attributes, attr, kind)

    def _arguments(self, node: ast.Call, scope: Scope) -> bool:
        """``register(worker)``: the parameter is what it is given."""
        function = self._called(self.kind(node.func, scope))
        if function is None:
            return False
        named = {each.arg: each for each in (*function.parameters, *function.node.args.kwonlyargs)}
        given = [*zip(function.parameters, node.args, strict=False),
                 *((named[k.arg], k.value) for k in node.keywords if k.arg in named)]  # fmt: skip
        news = False
        for parameter, value in given:
            kind = self.kind(value, scope)
            if kind and kind.how == "value":
                news |= function.inner.bind(parameter.arg, kind)
        return news

    def _called(self, kind: Kind | None) -> Function | None:
        if kind and kind.how == "class":
            kind = self._classes[int(kind.name)][1].attributes.get("__init__")
        return self.functions[int(kind.name)] if kind and kind.how == "function" else None

    # One return for each kind of owner.
    def _attribute(  # noqa: PLR0911
        self, value: ast.expr, attr: str, scope: Scope, depth: int
    ) -> Kind | None:
        if isinstance(value, ast.Name) and value.id in {"self", "cls"}:
            owner = scope.find_owner()
            if owner is not None and attr in owner.attributes:
                return self._read(owner.attributes[attr])
        match self.kind(value, scope, depth + 1):
            case None:
                return self._by_attribute(attr, scope)
            case Kind(how="module", name=name):
                return _member(name, attr)
            case Kind(how="file", name=name):
                return self._module_of[int(name)].scope.names.get(attr)
            case Kind(how="class", name=name):
                return self._read(self._classes[int(name)][1].attributes.get(attr))
            case Kind(how="value", name="SyncZeebeClient") if attr == "client":
                return Kind("value", "ZeebeClient")
            case Kind(how="value", name="ZeebeWorker" | "ZeebeTaskRouter") if attr == "task":
                return Kind("method", "task")  # `task = worker.task`
            case _:
                return None

    def _read(self, kind: Kind | None) -> Kind | None:
        """What an attribute gives: of a property what its function returns."""
        if kind is None or kind.how != "function":
            return kind
        function = self.functions[int(kind.name)]
        heads = [code_of(each) for each in function.node.decorator_list]
        return function.returns if any("property" in head for head in heads) else kind

    def _by_attribute(self, attr: str, scope: Scope) -> Kind | None:
        while scope.outer is not None:
            scope = scope.outer
        return self._module_of[id(scope)].attributes.get(attr) or self._attributes.get(attr)

    def _item(self, value: ast.expr, index: ast.expr, scope: Scope, depth: int) -> Kind | None:
        known = self.kind(value, scope, depth + 1)
        if known is None and isinstance(index, ast.Constant) and isinstance(index.value, str):
            return self._by_attribute(index.value, scope)
        return known

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        kind = self.kind(node.func, scope, depth + 1)
        if kind and kind.how == "word" and kind.name in INSTANCES:
            return Kind("value", kind.name)
        if kind and kind.how == "function":
            return self.functions[int(kind.name)].returns
        if kind and kind.how == "class":
            return kind  # an object has what its class has
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in _PASSING and node.args:
            first = self.kind(node.args[0], scope, depth + 1)
            if first and first.how == "function" and name != "partial":
                return self.functions[int(first.name)].returns
            return self.annotated(node.args[0], scope) if name == "cast" else first
        return None

    def _first(self, nodes: Sequence[ast.expr], scope: Scope, depth: int) -> Kind | None:
        kinds = (self.kind(node, scope, depth + 1) for node in nodes)
        return next((kind for kind in kinds if kind), None)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """The names in an annotation, also in one that is a text."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name | ast.Attribute):
            yield part
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from _in_text(part.value)


def _in_text(text: str) -> Iterator[ast.expr]:
    try:
        tree = tree_of(text, "eval") if len(text) < _LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    if tree is not None:
        yield from (each for each in ast.walk(tree) if isinstance(each, ast.Name | ast.Attribute))


def _member(module: str, name: str) -> Kind:
    """A name of pyzeebe: classes are known wherever they are imported from."""
    known = name in WORDS and name not in _MODULES
    return Kind("word", name) if known else Kind("module", f"{module}.{name}")


def _starred(origin: str) -> tuple[str, ...]:
    """What ``from pyzeebe import *`` brings."""
    if origin.partition(".")[0] != "pyzeebe":
        return ()
    return tuple(name for name in WORDS if name.isidentifier() and name not in _MODULES)


def _names_of(modules: Sequence[Module]) -> dict[str, Module]:
    """By every dotted name under which a file may be imported: `a.b.c`, `b.c`, `c`."""
    found: dict[str, Module] = {}
    for module in modules:
        path = module.source.path
        parts = [*path.parts[:-1], path.stem] if path.stem != "__init__" else [*path.parts[:-1]]
        # Whole, for relative imports; and its last parts, for absolute ones.
        for start in {0, *range(max(0, len(parts) - 6), len(parts))}:
            found.setdefault(".".join(parts[start:]), module)
    return found
