"""Reads Python files: which there are, and what is in them. Nothing is run or imported."""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow_devkit.syntax import tree_of

__all__ = ["SourceFile", "Unreadable", "files_in", "read_file"]

_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env"})
_NOTEBOOK: Final = ".ipynb"
_PYTHON_2: Final = re.compile(rb"^\s*(print|exec) [^=(]|except [\w.]+, \w+:", re.MULTILINE)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that could be read."""

    path: Path
    tree: ast.Module
    lines: tuple[str, ...]

    def column(self, node: ast.expr | ast.stmt | ast.arg | ast.alias | ast.keyword) -> int:
        """The column of a node in characters, from 1: Python counts bytes of UTF-8, from 0."""
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        if line.isascii():
            return node.col_offset + 1
        return len(line.encode()[: node.col_offset].decode(errors="replace")) + 1


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read, and why."""

    path: Path
    line: int
    reason: str
    remedy: str


def files_in(folder: Path) -> Iterator[Path]:
    """The Python files of a folder, in order: hidden folders and environments are passed over.

    Args:
        folder: where to look, at any depth; links to folders are not followed.

    Yields:
        Files that end in ``.py``, and notebooks that name pyzeebe, which cannot be read.
    """
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if _is_own(Path(here, each)))
        for name in sorted(files):
            path = Path(here, name)
            # No pipes and the like: reading one waits for ever.
            if path.is_file() and (name.endswith(".py") or _is_notebook_of_pyzeebe(path)):
                yield path


def _is_own(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in _SKIPPED
    return not hidden and not (folder / "pyvenv.cfg").exists()


def _is_notebook_of_pyzeebe(path: Path) -> bool:
    try:
        return path.suffix == _NOTEBOOK and b"pyzeebe" in path.read_bytes()
    except OSError:
        return False


def read_file(path: Path) -> SourceFile | Unreadable:
    """Reads one file.

    Args:
        path: the file.

    Returns:
        What is in it, or why it cannot be read.
    """
    if path.suffix == _NOTEBOOK:
        remedy = "read its code with jupyter nbconvert --to script, then check that file"
        return Unreadable(path, 0, "a notebook: only Python files are read", remedy)
    try:
        content = path.read_bytes()
    except OSError as error:
        return Unreadable(path, 0, f"cannot be read: {error.strerror or error}", "")
    return _parsed(path, content)


def _parsed(path: Path, content: bytes) -> SourceFile | Unreadable:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unreadable(path, 1, "is written in UTF-16", "save it as UTF-8: Python wants that")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in strings: not ours to say
            # Not in the bytes: what they are encoded in has been found out.
            tree = tree_of(_without_cookie(text))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"is no {error.encoding} from byte {error.start} on"
        return Unreadable(path, line, reason, "save it as UTF-8, or name its encoding on line 1")
    except SyntaxError as error:
        return _no_python(path, content, error)
    except (RecursionError, MemoryError):
        return Unreadable(path, 0, "is nested too deeply to be read", "leave it out")
    # A LookupError: `# coding: rot13` gives no text.
    except (ValueError, LookupError) as error:
        return Unreadable(path, 0, f"is no Python 3: {error}", "mend it, or leave it out")
    return SourceFile(path, tree, tuple(_LINE_END.split(text)))


def _without_cookie(text: str) -> str:
    # `ast.parse` refuses no text for its cookie; a BOM it does.
    return text.removeprefix("\ufeff")


def _no_python(path: Path, content: bytes, error: SyntaxError) -> Unreadable:
    remedy = "mend it, or leave it out"
    if _PYTHON_2.search(content):
        remedy = "it looks like Python 2: move it to Python 3 first, or leave it out"
    return Unreadable(path, error.lineno or 0, f"is no Python 3: {error.msg}", remedy)
