"""What tests fetch or build once: the programs for it, and folders that are whole or not there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

CACHE: Final = Path(__file__).resolve().parents[2] / ".cache"
"""Where they are kept; git takes no notice of it."""
_PATIENCE: Final = 720
"""Seconds for one command, a package client's downloads included."""


def require_programs(*names: str, remedy: str) -> None:
    """Skips the test where a program is missing; in CI it fails.

    Args:
        names: the programs.
        remedy: what to install, and what for.
    """
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)}; {remedy}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def run(*command: object, hint: str = "", **options: Any) -> str:
    """The output of a command; if it fails, the test fails with its last lines.

    Args:
        command: the program and its arguments.
        hint: what may be wrong, told if it fails.
        options: as ``subprocess.run`` takes them.
    """
    words = [str(part) for part in command]
    try:
        done = subprocess.run(
            words,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            **options,
        )
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"{error}{hint}")
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-25:])
        pytest.fail(f"{' '.join(words)} ended with {done.returncode}{hint}:\n{tail}")
    return done.stdout


def made(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder, filled by ``make(part)`` if it is not there yet.

    ``part`` becomes the folder when it is whole; when that fails nothing is left.
    """
    with locked(folder):
        if not folder.is_dir():
            part = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            try:
                make(part)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time works at a folder; the lock ends with its holder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
