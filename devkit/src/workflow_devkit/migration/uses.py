"""Finds in the files what is pyzeebe's, and says what stands in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from workflow_devkit.findings import Finding
from workflow_devkit.migration.handlers import OLD_DECISIONS, decisions, parameters
from workflow_devkit.migration.kinds import Function, Kind, Scope
from workflow_devkit.migration.knowledge import Knowledge
from workflow_devkit.migration.reading import Imported, Module, code_of
from workflow_devkit.migration.roles import DECORATOR, EXCEPTION_HANDLER, Roles, arguments_of
from workflow_devkit.migration.word import DIFFERS, SAME, Word
from workflow_devkit.migration.words import INSTANCES, WORDS
from workflow_devkit.migration.words_of_clients import ERRORS

__all__ = ["Uses"]

_AT_USE: Final = frozenset({*ERRORS, "JobStatus", "TaskConfig", "default_exception_handler"})
"""Words that are named wherever they stand: of the others it is their objects that count."""
_DISTINCT: Final = frozenset(
    {"cancel_process_instance", "publish_message", "run_process", "run_process_with_result",
     "set_error_status", "set_failure_status"}
)  # fmt: skip
"""Methods that are pyzeebe's also where nobody can tell of what object."""
_TYPICAL: Final = frozenset(
    {"bpmn_process_id", "correlation_key", "error_code", "process_instance_key",
     "retry_back_off_ms", "time_to_live_in_milliseconds"}
)  # fmt: skip
"""Keywords of theirs: where no file imports pyzeebe, a method's name alone is not enough."""
_IMPORTED: Final = Word("pyzeebe", DIFFERS, "from workflow_runtime import …", "install")
_BY_TEXT: Final = {
    **dict.fromkeys(("__import__", "import_module", "importorskip", "find_spec"), _IMPORTED),
    "getLogger": Word(
        "pyzeebe", DIFFERS, "the settings `log_level` and `log_format`", "logs-and-signals"
    ),
}
"""Functions that are given the name of a module."""
_PATCHED: Final = Word(
    "pyzeebe", DIFFERS, "the fixtures of the pytest plugin: nothing is patched", "tests"
)
_OF_GRPC: Final = Word(
    "grpc.aio",
    DIFFERS,
    "where it is Zeebe's: the address, with `https://` if it is secure; what interceptors add, "
    "such as tokens, are settings",
    "channels",
)
_CHANNELS: Final = frozenset(
    f"{module}.{name}_channel" for module in ("grpc.aio", "aio") for name in ("insecure", "secure")
)
"""As code: pyzeebe takes any channel of these."""
_IN_MILLISECONDS: Final = frozenset(
    {"task(timeout_ms)", "ZeebeWorker(request_timeout)",
     *(f"{client}.{name}" for client in ("ZeebeClient", "SyncZeebeClient") for name in
       ("run_process_with_result(timeout)", "publish_message(time_to_live_in_milliseconds)"))}
)  # fmt: skip


class Said(NamedTuple):
    """What is said of a place in a file."""

    at: ast.expr | ast.stmt | ast.arg | ast.alias | ast.keyword
    word: Word
    message: str
    more: str = ""


class Uses:
    """Collects findings of one set of files.

    Args:
        knowledge: what names stand for.
        roles: what functions are for.
    """

    def __init__(self, knowledge: Knowledge, roles: Roles) -> None:
        self._knowledge = knowledge
        self._roles = roles
        self._defined = {each.node.name for each in knowledge.functions}
        self._handlers = {
            id(handler) for each in roles.registrations.values() for handler in each.handlers
        }
        # The names of an exception handler, by which it decides.
        self._deciding = {
            id(each.inner) for each in knowledge.functions if each.role == EXCEPTION_HANDLER
        }
        self._typical = {
            node.func
            for module in knowledge.modules
            for node, _ in module.calls
            if knowledge.sees_pyzeebe or any(k.arg in _TYPICAL for k in node.keywords)
        }

    def in_module(self, module: Module) -> Iterator[Finding]:
        """What one file uses of pyzeebe."""
        for imported in module.imported:
            yield from self._imported(module, imported)
        found = [each for node, scope in module.names for each in self._of(node, scope)]
        found += [each for node, scope in module.calls for each in self._call(node, scope)]
        yield from (_finding(module, said) for said in found)
        for function in module.functions:
            for at, name, message in self._function(module, function):
                yield _finding(module, Said(at, WORDS[name], message))

    def _imported(self, module: Module, imported: Imported) -> Iterator[Finding]:
        if imported.module.partition(".")[0] != "pyzeebe":
            return
        name = imported.name or imported.alias.name
        word = WORDS.get(name.rpartition(".")[2])
        if word is None:
            known = imported.name in {"", "*"}
            ours = "from workflow_runtime import …" if known else (
                "what it is used for decides: it is a part of pyzeebe's own"
            )  # fmt: skip
            word = Word(name, DIFFERS, ours, "install")
        whole = f"from {imported.module} import {name}" if imported.name else f"import {name}"
        yield _finding(module, Said(imported.alias, word, whole))

    def _of(self, node: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Said]:
        match node:
            case ast.Attribute(value=value, attr=attr, ctx=ast.Load()):
                kind = self._knowledge.kind(value, scope)
                if kind and kind.how == "value":
                    word = WORDS.get(f"{kind.name}.{attr}")
                    # A controller's method is a decision: it is told at its call.
                    if word and attr != "task" and not self._controls(kind, attr, scope):
                        yield Said(node, word, word.name)
                elif kind is None and self._is_distinct(node, value, attr):
                    word = WORDS.get(f"ZeebeClient.{attr}") or WORDS[f"JobController.{attr}"]
                    yield Said(node, word, code_of(node))
                elif kind and kind.how == "module":
                    yield from self._named(node, scope)
            case ast.Name(ctx=ast.Load()):
                yield from self._named(node, scope)

    def _controls(self, kind: Kind, attr: str, scope: Scope) -> bool:
        # Before pyzeebe 4 an exception handler decided by the job itself.
        of_job = kind.name == "Job" and f"JobController.{attr}" in WORDS
        return kind.name == "JobController" or (of_job and id(scope) in self._deciding)

    def _named(self, node: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Said]:
        kind = self._knowledge.kind(node, scope)
        if kind and kind.how == "word" and kind.own and kind.name in _AT_USE:
            yield Said(node, WORDS[kind.name], kind.name)

    def _is_distinct(self, node: ast.expr, value: ast.expr, attr: str) -> bool:
        # A wrapper of the user's own has a method of this name.
        own = isinstance(value, ast.Name) and value.id in {"self", "cls", "super"}
        known = attr in _DISTINCT and node in self._typical
        return known and attr not in self._defined and not own

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[Said]:
        if registration := self._roles.registrations.get(node):
            task_type = registration.task_type
            word = replace(WORDS["task(task_type)"], ours=f"`@builder.task({task_type})`")
            yield Said(node, word, f"the handler of {task_type}")
            yield from self._given(node, registration.callee, "task", scope)
            return
        kind = self._knowledge.kind(node.func, scope)
        if kind and kind.how == "word" and kind.name not in _AT_USE:
            if known := WORDS.get(kind.name):
                yield Said(node, known, f"{kind.name}(…)")
            yield from self._given(node, kind.name, kind.name, scope)
        elif isinstance(node.func, ast.Attribute):
            yield from self._method(node, node.func, scope)
            is_channel = self._knowledge.sees_pyzeebe and node.func.attr.endswith("_channel")
            if is_channel and (name := code_of(node.func)) in _CHANNELS:
                yield Said(node, _OF_GRPC, f"{name}(…)")
        yield from _by_text(node)

    def _method(self, node: ast.Call, func: ast.Attribute, scope: Scope) -> Iterator[Said]:
        kind = self._knowledge.kind(func.value, scope)
        if kind and kind.how == "value" and self._controls(kind, func.attr, scope):
            name, message = decisions(node, func.attr, self._is_job(node, scope))
            yield Said(func, WORDS[name], message)
        elif kind and kind.how == "value" and kind.name in INSTANCES:
            yield from self._given(node, func.attr, f"{kind.name}.{func.attr}", scope)
        elif kind is None and self._is_distinct(func, func.value, func.attr):
            yield from self._given(node, func.attr, f"ZeebeClient.{func.attr}", scope)

    def _is_job(self, node: ast.Call, scope: Scope) -> bool:
        kind = self._knowledge.kind(node.args[0], scope) if node.args else None
        return kind == Kind("value", "Job")

    def _given(self, node: ast.Call, callee: str, owner: str, scope: Scope) -> Iterator[Said]:
        places = {each.arg: each for each in node.keywords if each.arg}
        for name, value in arguments_of(node, callee):
            word = WORDS.get(f"{owner}({name})")
            # What is given by its place and stays there needs no words.
            if name == "task_type":
                continue  # told with its handler
            if word and (name in places or word.effort is not SAME):
                more = _in_seconds(value) if word.name in _IN_MILLISECONDS else ""
                if name == "exception_handler" and not self._knowledge.function(value, scope):
                    more = "; its function is in none of these files"
                yield Said(places.get(name, value), word, f"{callee}({name}=…)", more)
        for each in node.keywords:
            if each.arg is None and owner in {"task", *INSTANCES}:
                word = Word(owner, DIFFERS, "look up each of its words here", "workers")
                yield Said(each, word, f"{callee}(**{code_of(each.value)})")

    def _function(
        self, module: Module, function: Function
    ) -> Iterator[tuple[ast.stmt | ast.arg, str, str]]:
        handler = id(function) in self._handlers
        if function.role == EXCEPTION_HANDLER:
            if not any(_decides(node) for node in ast.walk(function.node)):
                name = "an exception handler that decides nothing"
                yield function.node, name, f"{function.node.name}: {name}"
        elif function.role == DECORATOR:
            yield function.node, "a decorator of jobs", f"{function.node.name}: before or after"
        else:
            yield from parameters(module, function, self._knowledge, handler=handler)


def _decides(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return name.endswith("_status") or name in {"default_exception_handler", *OLD_DECISIONS}


def _by_text(node: ast.Call) -> Iterator[Said]:
    """``import_module("pyzeebe")``, ``patch("pyzeebe.ZeebeClient")``."""
    given = node.args[0] if node.args else None
    text = str(given.value) if isinstance(given, ast.Constant) else ""
    if text.partition(".")[0] != "pyzeebe":
        return
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    # A name within pyzeebe is patched; the name alone may be anything, such as a version's.
    word = _BY_TEXT.get(name) or (_PATCHED if "." in text else None)
    if word:
        yield Said(node, word, f"{name}({text!r})")


def _in_seconds(value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return f": {value.value} ms are {value.value / 1000:g} s"
    return ""


def _finding(module: Module, said: Said) -> Finding:
    return Finding(
        file=module.shown,
        line=said.at.lineno,
        column=module.source.column(said.at),
        rule=said.word.section,
        severity=said.word.effort,
        message=said.message,
        remedy=f"{said.word.ours}{said.more}",
    )
