"""``python -m tests.support.manifest [FOLDER]``: lists the recordings anew, and a folder's files.

``manifest.json`` gets the checksums of our recordings and of what they were recorded with;
``foreign.json`` those of other people's files in FOLDER, and the names of the cases in them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from tests.support import cases

WRITTEN = (
    "*.md",
    "foreign.json",
    cases.MANIFEST,
    "feel/*.txt",
    "scenarios/*.yaml",
    "stand/*",
    "versions.json",
)
"""Files that are written and changed by hand: nothing holds them to a checksum."""
FOREIGN = ("bpmn/*/*.bpmn", "bpmn/spec-cases/**/*.yaml", "feel-tck/*.jsonl")


def own(root: Path = cases.CASES) -> dict[str, dict[str, Any]]:
    """The recordings in a folder of test data, as the manifest lists them."""
    return {name: _recorded(name, (root / name).read_bytes()) for name in recordings(root)}


def recordings(root: Path = cases.CASES) -> list[str]:
    """Names of the files in a folder that are recordings, or what was recorded with them."""
    files = (path for path in root.rglob("*") if path.is_file())
    found = sorted(path.relative_to(root).as_posix() for path in files)
    return [name for name in found if not any(fnmatchcase(name, each) for each in WRITTEN)]


def foreign(folder: Path) -> dict[str, dict[str, Any]]:
    """Other people's files in a folder: checksum, and the names of their cases; no content."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(path for pattern in FOREIGN for path in folder.glob(pattern)):
        names = list(_names(path))
        named = {"cases": names} if names else {}
        name = path.relative_to(folder).as_posix()
        found[name] = {"sha256": cases.checksum(path.read_bytes()), **named}
    return found


def write(name: str, entries: Mapping[str, Any], root: Path = cases.CASES) -> None:
    """Keeps a list with a line for each file, so that a change is small."""
    lines = (f" {json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries.items())
    (root / name).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _recorded(name: str, content: bytes) -> dict[str, Any]:
    count = cases.count(name, content)
    return {"sha256": cases.checksum(content)} | ({} if count is None else {"cases": count})


def _names(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8") if path.suffix != ".bpmn" else ""
    if path.suffix == ".jsonl":
        yield from (json.loads(line)["id"] for line in text.splitlines())
    if path.suffix == ".yaml":
        yield from (case["name"] for case in yaml.safe_load(text)["testCases"])


def main(arguments: list[str]) -> None:
    """Writes the lists."""
    write(cases.MANIFEST, own())
    for folder in arguments:
        write("foreign.json", foreign(Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
