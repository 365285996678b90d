"""Brings the oracles' jars and compiles what asks them, once, into the ignored cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
CACHE: Final = Path(__file__).parents[3] / ".cache"
_TOOLS: Final = ("java", "javac", "mvn")
_PATIENCE: Final = 600
"""Seconds for one command, a package manager's downloads included."""


class OracleError(Exception):
    """The oracles cannot be asked; the message says what to do."""


def require_tools() -> None:
    """Skips the test where Java or Maven is missing; in CI it fails."""
    missing = [name for name in _TOOLS if shutil.which(name) is None]
    if missing:
        reason = f"the oracles need {', '.join(missing)}: install a JDK (17 or later) and Maven"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def fetched(source: Path = HERE, cache: Path = CACHE) -> Path:
    """The folder with ``lib`` (jars) and ``classes``: made whole or not at all.

    Two workers that start at once wait for each other.

    Raises:
        OracleError: a command failed.
    """
    folder = cache / f"oracles-{_digest(source)}"
    cache.mkdir(exist_ok=True)
    with (cache / "oracles.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _make(source, folder)
    return folder


def _digest(source: Path) -> str:
    files = (source / "pom.xml", *sorted((source / "java").glob("*.java")))
    content = b"\0".join(path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()[:12]


def _make(source: Path, folder: Path) -> None:
    part = folder.with_suffix(f".{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        # A pom outside the repository: Maven would look for its own folders beside it.
        pom = shutil.copy(source / "pom.xml", part)
        to = f"-DoutputDirectory={part / 'lib'}"
        _run("mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", to)
        java = map(str, sorted((source / "java").glob("*.java")))
        target = str(part / "classes")
        _run("javac", "-nowarn", "-proc:none", "-d", target, "-cp", f"{part}/lib/*", *java)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OracleError(f"{command[0]} did not run: {error}") from error
    if done.returncode:
        raise OracleError(
            f"{' '.join(command)} ended with {done.returncode}. Without a network the jars of "
            f"{HERE / 'pom.xml'} have to be in Maven's own repository.\n"
            f"{(done.stdout + done.stderr)[-2000:]}"
        )
