"""Brings the oracles' jars and compiles what asks them, once, into the ignored cache."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

from tests.support.making import CACHE, made, require_programs, run

HERE: Final = Path(__file__).parent


def require_tools() -> None:
    """Skips the test where Java or Maven is missing; in CI it fails."""
    remedy = "the oracles need a JDK (17 or later) and Maven"
    require_programs("java", "javac", "mvn", remedy=remedy)


def fetched(source: Path = HERE, cache: Path = CACHE) -> Path:
    """The folder with ``lib`` (jars) and ``classes``, another one for each state of its sources."""

    def make(folder: Path) -> None:
        # A pom outside the repository: Maven would look for its own folders beside it.
        pom = shutil.copy(source / "pom.xml", folder)
        to = f"-DoutputDirectory={folder / 'lib'}"
        hint = (
            f" (without a network the jars of {HERE / 'pom.xml'} have to be in Maven's own cache)"
        )
        run("mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", to, hint=hint)
        java = sorted((source / "java").glob("*.java"))
        paths = ("-d", folder / "classes", "-cp", f"{folder}/lib/*")
        run("javac", "-nowarn", "-proc:none", *paths, *java)

    return made(cache / f"oracles-{_digest(source)}", make)


def _digest(source: Path) -> str:
    files = (source / "pom.xml", *sorted((source / "java").glob("*.java")))
    content = b"\0".join(path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()[:12]
