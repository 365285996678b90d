"""Which files the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from workflow_runtime.cli.exits import UsageError
from workflow_runtime.closest import did_you_mean


def expand(given: Iterable[Path], suffix: str = ".bpmn") -> list[Path]:
    """The files that files, folders and patterns mean, each once.

    A file is taken whatever its name; in a folder, all files that end in the suffix, at any depth.

    Raises:
        UsageError: a file or folder that does not exist, or one without such a file.
    """
    found = dict.fromkeys(path for item in given for path in _expand(item, suffix))
    return list(found)


def from_here(file: Path) -> Path:
    """How a file is named to people: from the working directory, if it is below it."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def _expand(item: Path, suffix: str) -> Iterator[Path]:
    if item.is_file():
        yield item
        return
    found = item.rglob(f"*{suffix}") if item.is_dir() else _matches(item)
    matches = sorted(path for path in found if not path.is_dir())
    if not matches:
        raise UsageError(_nothing(item, suffix))
    yield from matches


def _matches(pattern: Path) -> Iterable[Path]:
    # pathlib takes relative patterns only: an absolute one starts at its root.
    anchor = Path(pattern.anchor)
    return anchor.glob(str(pattern.relative_to(anchor)))


def _nothing(item: Path, suffix: str) -> str:
    if item.is_dir():
        return f"{item}: no {suffix} file in this folder."
    siblings = (
        [path.name for path in item.parent.glob(f"*{suffix}")] if item.parent.is_dir() else []
    )
    hint = did_you_mean(item.name, siblings)
    return f"{item}: no such file; {hint}" if hint else f"{item}: no such file."
