"""Docstrings: what they lean on, and what those of the public API lack."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

_LEANING = re.compile(
    r"""\A(?:
        See\ `[^`]*`\.?\Z       # the neighbour's text, and nothing else
      | Passes\ the\ \w+\ on\.
      | The\ same\b
      | Nothing\.
      | Always\ the\ same\.
    )
    | \bAs\ above\b
    """,
    re.VERBOSE,
)
_SECTION = re.compile(r"^(\w+):\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^ {4}\*{0,2}([\w, ]+):", re.MULTILINE)
_LISTS = frozenset({"Args", "Attributes"})
_NAMED = re.compile(r"``\*{0,2}(\w+)``")
_NEEDS_NO_RETURNS = frozenset({"None", "NoReturn", "bool"})
"""Return annotations that need no section: the first line says "Whether …" of a truth value."""

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def leaning(files: Iterable[Path]) -> Iterator[str]:
    """Docstrings that say nothing without their neighbour: ``file:line: its first line``."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, Documented) and leans(text := ast.get_docstring(node) or ""):
                yield f"{file}:{getattr(node, 'lineno', 1)}: {text.splitlines()[0]}"


def leans(text: str) -> bool:
    """Whether a docstring cannot be understood where it stands."""
    return _LEANING.search(text) is not None


def gaps(thing: Any) -> Iterator[str]:
    """What the docstring of a public function or class does not say, its methods' included."""
    if not inspect.isclass(thing):
        yield from _function_gaps(thing.__qualname__, thing)
        return
    text = inspect.getdoc(thing) or ""
    if not text:
        yield f"{thing.__qualname__}: no docstring"
    yield from _unexplained(thing.__qualname__, text, _made_of(thing))
    yield from _unannounced(thing.__qualname__, text, _own_initialiser(thing))
    for name, member in vars(thing).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield from _property_gaps(f"{thing.__qualname__}.{name}", member)
        elif callable(plain := getattr(member, "__func__", member)) and not inspect.isclass(plain):
            yield from _function_gaps(f"{thing.__qualname__}.{name}", plain, text)


def _made_of(kind: type) -> list[str]:
    """What an object is made of: a dataclass's fields, or the parameters of ``__init__``."""
    if is_dataclass(kind):
        return [each.name for each in fields(kind) if each.init]
    made = _own_initialiser(kind)
    return _parameters(made) if made else []


def _own_initialiser(kind: type) -> Callable[..., Any] | None:
    """``__init__`` as the class writes it; those of protocols and dataclasses are generated."""
    made = vars(kind).get("__init__")
    written = made is not None and made.__code__.co_filename == inspect.getsourcefile(kind)
    return made if written else None


def _property_gaps(name: str, member: property) -> Iterator[str]:
    if not inspect.getdoc(member):
        yield f"{name}: no docstring"
    yield from _unannounced(name, inspect.getdoc(member) or "", member.fget)


def _function_gaps(name: str, function: Callable[..., Any], around: str = "") -> Iterator[str]:
    """``around`` is the docstring of the class: what all its methods take may stand there."""
    overrides = getattr(function, "__override__", False)
    text = function.__doc__ or ""
    if overrides and not text:
        return  # the port says it
    if not text:
        yield f"{name}: no docstring"
        return
    text = inspect.cleandoc(text)
    yield from _unexplained(name, f"{text}\n\n{around}", _parameters(function))
    yield from _unannounced(name, text, function)
    if _gives(name, function) and not {"Returns", "Yields"} & set(_sections(text)):
        yield f"{name}: no Returns"


def _gives(name: str, function: Callable[..., Any]) -> bool:
    """Whether it gives something back that its first line cannot have said."""
    gives = str(inspect.signature(function).return_annotation)
    itself = {"Self", name.partition(".")[0]}  # a method to be chained
    return gives not in _NEEDS_NO_RETURNS | itself


def _parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in {"self", "cls"}]


def _sections(text: str) -> dict[str, str]:
    return dict(_SECTION.findall(text))


def _unexplained(name: str, text: str, parameters: list[str]) -> Iterator[str]:
    listed = "".join(body for title, body in _SECTION.findall(text) if title in _LISTS)
    explained = {word for entry in _ENTRY.findall(listed) for word in re.findall(r"\w+", entry)}
    explained.update(_NAMED.findall(text))
    for parameter in parameters:
        if parameter not in explained:
            yield f"{name}: nothing says what {parameter!r} is"


def _unannounced(name: str, text: str, function: Callable[..., Any] | None) -> Iterator[str]:
    announced = _sections(text).get("Raises", "")
    for error in sorted(set(raised_by(function))):
        if error not in announced:
            yield f"{name}: Raises does not name {error}"


def raised_by(function: Callable[..., Any] | None) -> Iterator[str]:
    """The exception classes that a function's own lines raise by name."""
    if function is None:
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            called = node.exc.func
            if isinstance(called, ast.Name) and called.id[0].isupper():
                yield called.id
