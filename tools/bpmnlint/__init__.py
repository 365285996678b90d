"""npm's bpmnlint with Camunda's rules for 8.4: the reference that ``workflow lint`` is held to."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "bpmnlint"
FILES = ("package.json", "lint.mjs")


class Missing(Exception):
    """What it needs is not on this machine; the message says what."""


class Result(NamedTuple):
    """``findings`` by file; ``seconds`` it took, without the start of Node."""

    findings: Mapping[str, Any]
    seconds: float


def install() -> Path:
    """The folder that it is installed in; fetched by npm, once for each set of versions.

    Raises:
        Missing: there is no npm, or it cannot fetch.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")
    content = b"".join((HERE / name).read_bytes() for name in FILES)
    folder = CACHE / hashlib.sha256(content).hexdigest()[:12]
    if not folder.exists():
        _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        for name in FILES:
            shutil.copy(HERE / name, place)
        _run(Path(place), ["npm", "install", "--silent", "--no-audit", "--no-fund"])
        with contextlib.suppress(OSError):  # somebody else was faster
            Path(place).rename(folder)
            Path(place).mkdir()


def lint(files: Iterable[Path], rules: Mapping[str, str] | None = None) -> Result:
    """Lints files with all of its rules; ``rules`` sets single ones to other levels.

    Raises:
        Missing: it cannot be run here.
    """
    folder = install()
    names = "\n".join(map(str, files))
    answer = json.loads(_run(folder, ["node", "lint.mjs", json.dumps(rules or {})], names))
    return Result(answer["findings"], answer["ms"] / 1000)


def _run(folder: Path, command: Sequence[str], text: str = "") -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, input=text, check=True, capture_output=True, text=True, timeout=300
        )
    except subprocess.SubprocessError as error:
        reason = getattr(error, "stderr", "") or str(error)
        raise Missing(f"{command[0]} failed: {reason[-500:]}") from None
    return done.stdout
