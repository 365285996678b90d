"""Which files the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from workflow_runtime.cli.exits import UsageError
from workflow_runtime.closest import did_you_mean

_BESIDE = frozenset({".dmn", ".form"})
"""What stands beside diagrams, and is none."""


def expand(given: Iterable[Path], *suffixes: str) -> list[Path]:
    """The files that files, folders and patterns mean, each once.

    A file is taken whatever its name, but for decisions and forms where they are not asked for: a
    shell's ``bpmn/*`` means the diagrams. In a folder these are all files that end in one of the
    suffixes, at any depth, but for hidden ones; without suffixes, diagrams.

    Raises:
        UsageError: a file or folder that does not exist, or one without such a file.
    """
    wanted = suffixes or (".bpmn",)
    items = list(given)
    left_out = _BESIDE.difference(wanted) if len(items) > 1 else frozenset[str]()
    named = (item for item in items if item.suffix not in left_out)
    found = dict.fromkeys(path for item in named for path in _expand(item, wanted))
    if items and not found:
        raise UsageError(f"no {' or '.join(wanted)} file among {', '.join(map(str, items))}.")
    return list(found)


def from_here(file: Path) -> Path:
    """How a file is named to people: from the working directory, if it is below it."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def _expand(item: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    if item.is_file():
        yield item
        return
    folder = item.is_dir()
    found = filter(partial(_is_shown, item), item.rglob("*")) if folder else _matches(item)
    matches = sorted(
        path
        for path in found
        if not path.is_dir() and (path.suffix in suffixes or not (folder or path.suffix in _BESIDE))
    )
    if not matches:
        raise UsageError(_nothing(item, " or ".join(suffixes)))
    yield from matches


def _is_shown(folder: Path, path: Path) -> bool:
    # `._order.bpmn` is an editor's or a system's, what is in `.venv` or `.git` is nobody's diagram.
    return not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _matches(pattern: Path) -> Iterable[Path]:
    # pathlib takes relative patterns only: an absolute one starts at its root.
    anchor = Path(pattern.anchor)
    return anchor.glob(str(pattern.relative_to(anchor)))


def _nothing(item: Path, suffix: str) -> str:
    if item.is_dir():
        return f"{item}: no {suffix} file in this folder."
    siblings = (
        [path.name for path in item.parent.glob(f"*{item.suffix}")] if item.parent.is_dir() else []
    )
    hint = did_you_mean(item.name, siblings)
    return f"{item}: no such file; {hint}" if hint else f"{item}: no such file."
