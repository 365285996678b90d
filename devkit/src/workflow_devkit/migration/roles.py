"""Which functions pyzeebe calls, and for what: handlers, exception handlers, decorators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from workflow_devkit.migration.kinds import Function, Kind, Scope
from workflow_devkit.migration.knowledge import Knowledge
from workflow_devkit.migration.reading import Module, code_of
from workflow_devkit.migration.words import ARGUMENTS, OLD_ARGUMENTS

__all__ = ["DECORATOR", "EXCEPTION_HANDLER", "Registration", "Roles", "arguments_of"]

DECORATOR: Final = "decorator"
EXCEPTION_HANDLER: Final = "exception handler"
_GIVEN_TO: Final = {"before": DECORATOR, "after": DECORATOR, "exception_handler": EXCEPTION_HANDLER}
"""Methods of workers by the role of what they are given."""
_WORKERS: Final = frozenset({"ZeebeWorker", "ZeebeTaskRouter"})
_LIKE_A_WORKER: Final = re.compile("worker|router|zeebe", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Registration:
    """A call of ``worker.task(…)``, or of pyzeebe 2's ``Task(…)``, and what it registers."""

    module: Module
    call: ast.Call
    task_type: str
    """As it is written: a text, or the expression."""
    handlers: list[Function] = field(default_factory=list)
    """What it registers, as far as that can be told; of a loop through a table all of them."""
    callee: str = "task"


@dataclass(slots=True)
class Roles:
    """Gives functions their roles, and their parameters what pyzeebe passes."""

    knowledge: Knowledge
    registrations: dict[ast.AST, Registration] = field(default_factory=dict)

    def find(self) -> None:
        """Looks at every call; what the roles say of parameters is known afterwards."""
        for module in self.knowledge.modules:
            for node, scope in module.calls:
                self._look_at(module, node, scope)
            self._handlers(module)
        self.knowledge.learn()

    def _handlers(self, module: Module) -> None:
        for node, scope in module.calls:
            # `worker.task("a")(handler)`
            if node.args and node.func in self.registrations:
                found = self._named(module, node.args[0], scope)
                self.registrations[node.func].handlers += found
        for function in module.functions:
            for head in function.node.decorator_list:
                if isinstance(head, ast.Call) and head in self.registrations:
                    self.registrations[head].handlers.append(function)

    def _named(self, module: Module, node: ast.expr, scope: Scope) -> list[Function]:
        """The function that is named, or all of a table through which a loop goes."""
        if function := self.knowledge.function(node, scope):
            return [function]
        name = node.id if isinstance(node, ast.Name) else ""
        if (scope, name) not in module.loops:
            return []
        parts = list(ast.walk(module.loops[scope, name]))
        # `for kind, handler in HANDLERS.items()`
        tables = {part.id for part in parts if isinstance(part, ast.Name)} & module.tables.keys()
        for each in tables:
            parts += ast.walk(module.tables[each])
        found = (self.knowledge.function(p, scope) for p in parts if isinstance(p, ast.expr))
        return list(dict.fromkeys(filter(None, found)))

    def is_worker(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is a worker or a router."""
        kind = self.knowledge.kind(node, scope)
        return kind is not None and kind.how == "value" and kind.name in _WORKERS

    def _look_at(self, module: Module, node: ast.Call, scope: Scope) -> None:
        kind = self.knowledge.kind(node.func, scope)
        if kind and kind.how == "word" and kind.name in _WORKERS:
            self._keywords(arguments_of(node, kind.name), scope)
        elif kind == Kind("word", "Task"):
            self._register(module, node, scope, "Task")
        elif kind == Kind("method", "task") or self._like_a_task(node, scope):
            self._register(module, node, scope, "task")
        elif isinstance(node.func, ast.Attribute) and self.is_worker(node.func.value, scope):
            role = _GIVEN_TO.get(node.func.attr)
            if role:
                self._mark(node.args, scope, role)

    def _register(self, module: Module, node: ast.Call, scope: Scope, callee: str) -> None:
        given = dict(arguments_of(node, callee))
        self._keywords(given.items(), scope)
        task_type = code_of(given["task_type"]) if "task_type" in given else "?"
        handler = given.get("task_handler")
        handlers = self._named(module, handler, scope) if handler else []
        self.registrations[node] = Registration(module, node, task_type, handlers, callee)

    def _like_a_task(self, node: ast.Call, scope: Scope) -> bool:
        func = node.func
        if not isinstance(func, ast.Attribute) or func.attr != "task":
            return False
        if self.knowledge.kind(func.value, scope) is not None:
            return False
        if any(each.arg == "task_type" for each in node.keywords):
            return True
        last = getattr(func.value, "attr", getattr(func.value, "id", ""))
        like = self.knowledge.sees_pyzeebe and _LIKE_A_WORKER.search(last)
        return bool(node.args and like)

    def _keywords(self, given: Iterable[tuple[str, ast.expr]], scope: Scope) -> None:
        for name, value in given:
            if name in {"before", "after"}:
                self._mark(_items(value), scope, DECORATOR)
            elif name == "exception_handler":
                self._mark([value], scope, EXCEPTION_HANDLER)

    def _mark(self, nodes: Sequence[ast.expr], scope: Scope, role: str) -> None:
        passed = ("Job",) if role == DECORATOR else ("", "Job", "JobController")
        for node in nodes:
            function = self.knowledge.function(node, scope)
            if function is None:
                continue
            function.role = role
            for parameter, name in zip(function.parameters, passed, strict=False):
                if name:
                    function.inner.bind(parameter.arg, Kind("value", name))


def arguments_of(node: ast.Call, callee: str) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a call by their names, as pyzeebe has them."""
    names = ARGUMENTS.get(callee) or OLD_ARGUMENTS.get(callee, ())
    for name, value in zip(names, node.args, strict=False):
        if isinstance(value, ast.Starred):
            return
        yield name, value
    for keyword in node.keywords:
        if keyword.arg:
            yield keyword.arg, keyword.value


def _items(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
