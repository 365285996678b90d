"""The skeleton of one handler as source: a typed scope, a function, a test."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from workflow_devkit.codegen.identifiers import camel, identifiers_of
from workflow_devkit.codegen.source import called, defined, docstring, quoted

__all__ = ["ANY", "Stub"]

ANY: Final = "JsonValue"
"""The type of a variable of which nothing is known."""
_EXAMPLES: Final = {"str": '""', "bool": "True", "int": "1", "float": "1.5"}


@dataclass(frozen=True, slots=True)
class Stub:
    """What is to be written for one task type.

    Attributes:
        job_type: the task type.
        name: of the handler and of its module.
        title: what people call the task.
        reads: the variables that the task reads, with their types in Python.
        gives: those that the diagram takes of the handler's result, with their types.
        known: those that the diagram sets before, as a hint where ``reads`` is empty.
    """

    job_type: str
    name: str
    title: str
    reads: dict[str, str]
    gives: dict[str, str]
    known: tuple[str, ...] = ()

    def module(self, width: int) -> str:
        """The source of the handler's module, in lines of at most ``width`` characters."""
        head = docstring("", "Handler of the task ", self.job_type, ".", width) + "\n"
        parts = [self._imports(), self._model("Scope", self.reads, self._reading(width), width)]
        if self.gives:
            meaning = docstring("    ", "What the diagram takes", "", ".", width)
            parts.append(self._model("Result", self.gives, meaning, width))
        return head + "\n\n".join([*parts, self._function(width)])

    def test(self, home: str, width: int) -> str:
        """The source of a test that fails until the handler is written.

        Args:
            home: the module that the handler is imported from.
            width: how many characters a line may have.
        """
        scope = "".join(
            f"        {quoted(name)}: {_example(kind)},\n" for name, kind in self.reads.items()
        )
        # With the annotation: type checkers would take the type of the first value for all.
        given = f"    scope: dict[str, object] = {{\n{scope}    }}\n" if scope else ""
        argument = "scope" if scope else "{}"
        run = "    outcome = await task_environment.run"
        return (
            docstring("", "Test of ", self.job_type, ".", width) + "\n"
            "from workflow_devkit.testing import TaskEnvironment\n\n"
            f"{_import(home, self.name, width)}\n\n\n"
            + defined(
                f"async def test_{self.name.strip('_')}_completes",
                "task_environment: TaskEnvironment",
                " -> None:\n",
                width + 1,
            )
            + given
            + called(run, f"{self.name}, scope={argument}", "\n", width + 1)
            + '    assert outcome.kind == "completed"\n'
        )

    def _imports(self) -> str:
        names = ["BaseModel"]
        if any(name != each for f in (self.reads, self.gives) for name, each in _fields(f)):
            names.append("Field")
        if any(ANY in kind for f in (self.reads, self.gives) for kind in f.values()):
            names.append(ANY)
        return f"from pydantic import {', '.join(names)}\n"

    def _reading(self, width: int) -> str:
        if self.reads:
            return docstring("    ", "What the task reads", "", ".", width)
        if not self.known:
            return docstring(
                "    ", "What the task reads: add the variables that it needs", "", ".", width
            )
        return docstring(
            "    ", "What the task reads; set before: ", ", ".join(self.known), ".", width
        )

    def _model(self, suffix: str, fields: dict[str, str], meaning: str, width: int) -> str:
        # A result is written by its aliases, a scope is read by them.
        alias = "serialization_alias" if suffix == "Result" else "alias"
        lines = "".join(
            _field(name, each, fields[name], alias, width) for name, each in _fields(fields)
        )
        body = f"\n{lines}" if lines else ""
        return f"class {self._class(suffix)}(BaseModel):\n{meaning}{body}"

    def _class(self, suffix: str) -> str:
        return camel(self.name, "Task") + suffix

    def _function(self, width: int) -> str:
        result = self._class("Result") if self.gives else "None"
        signature = defined(
            f"async def {self.name}", f"scope: {self._class('Scope')}", f" -> {result}:", width
        )
        # A job may be handed out again after its timeout (semantics#job-timeout).
        meaning = docstring("    ", "", self.title, ": has to be safe to run twice.", width)
        return f"{signature}\n{meaning}    raise NotImplementedError\n"


def _fields(variables: Collection[str]) -> list[tuple[str, str]]:
    """Variables with the fields that hold them."""
    # A field must not hide what every model has, such as `copy`.
    found = identifiers_of(variables, [], "value", dir(BaseModel))
    return [(name, found[name]) for name in variables]


def _field(name: str, attribute: str, kind: str, alias: str, width: int) -> str:
    if attribute == name:
        return f"    {name}: {kind}\n"
    # The line break at the end takes no width.
    return called(f"    {attribute}: {kind} = Field", f"{alias}={quoted(name)}", "\n", width + 1)


def _example(kind: str) -> str:
    """A value of this type, for a test to be begun with."""
    return _EXAMPLES.get(kind, "{}" if kind.startswith("dict") else "None")


def _import(home: str, name: str, width: int) -> str:
    line = f"from {home} import {name}"
    # With the comma that formatters add to imported names.
    return line if len(line) <= width else f"from {home} import (\n    {name},\n)"
