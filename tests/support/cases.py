"""Our own test data, read so that a file that is missing, spoilt or edited says so.

Names are places in ``tests/cases``; ``root`` is another such folder. Recordings and what they were
recorded with stand in ``manifest.json`` with their checksums, because nobody edits them by hand.
"""

from __future__ import annotations

import hashlib
import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from tests.support import shapes

CASES = Path(__file__).resolve().parents[1] / "cases"
MANIFEST = "manifest.json"
RESTORE = "bring it back with: git checkout -- tests/cases/{name}"
_WITHIN = {"broker": "steps", "metrics": "series"}
"""By folder: what holds the cases, where it is not the whole document."""
AGAIN = "recorded again on purpose? then run: python -m tests.support.manifest"


class BadCaseFile(Exception):
    """A file of test data that cannot be used; the message names file, line and remedy."""


def names(pattern: str, root: Path = CASES) -> list[str]:
    """The recorded files of a pattern such as ``broker/s*.json``, sorted.

    They are those that the manifest lists: a test of a missing file fails, and is not left out.

    Raises:
        BadCaseFile: none is listed.
    """
    found = sorted(name for name in manifest(root) if fnmatchcase(name, pattern))
    if not found:
        raise BadCaseFile(f"{_shown(MANIFEST, root)}: no file {pattern} is listed; {AGAIN}")
    return found


def read(name: str, root: Path = CASES) -> bytes:
    """A file's content.

    Raises:
        BadCaseFile: it is missing, or a recording that is not as it was recorded.
    """
    content = _content(name, root)
    _check_recording(name, content, root)
    return content


def read_text(name: str, root: Path = CASES) -> str:
    """As ``read``, for a text."""
    return _decoded(name, read(name, root), root)


def read_data(name: str, root: Path = CASES) -> Any:
    """A JSON or YAML document, or the list of a file with a JSON document on each line.

    Raises:
        BadCaseFile: as ``read``; or it cannot be parsed, or does not have its shape.
    """
    content = _content(name, root)
    found = _parse(name, _decoded(name, content, root), root)
    for path, why in shapes.faults(found, shapes.shape_of(name)):
        where = path[1:] if name.endswith(".jsonl") else path
        raise _bad(name, root, _line(name, content, path), ": ".join([*_text(where), why]))
    _check_recording(name, content, root)
    return found


def manifest(root: Path = CASES) -> dict[str, dict[str, Any]]:
    """The recordings: checksum and, where they have cases, how many."""
    found: dict[str, dict[str, Any]] = read_data(MANIFEST, root)
    return found


def count(name: str, content: bytes) -> int | None:
    """How many cases a recording has: lines, steps or answers; None for what is no recording."""
    if name.endswith(".jsonl"):
        return content.count(b"\n")
    if name.endswith(".json"):
        found = json.loads(content)
        within = _WITHIN.get(name.partition("/")[0])
        return len(found[within] if within else found)
    return None


def checksum(content: bytes) -> str:
    """The SHA-256 of a content, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _content(name: str, root: Path) -> bytes:
    try:
        return (root / name).read_bytes()
    except FileNotFoundError:
        raise _bad(name, root, 0, "the file is missing") from None
    except OSError as error:
        raise _bad(name, root, 0, f"cannot be read: {error.strerror}") from None


def _decoded(name: str, content: bytes, root: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad(name, root, line, f"no UTF-8: {error.reason}") from None


def _check_recording(name: str, content: bytes, root: Path) -> None:
    entry = {} if name == MANIFEST else manifest(root).get(name, {})
    if not entry or checksum(content) == entry["sha256"]:
        return
    cases = count(name, content)
    if cases != entry.get("cases"):
        raise _bad(name, root, 0, f"{cases} cases, but {entry['cases']} were recorded")
    raise _bad(name, root, 0, "not as it was recorded; recordings are not edited by hand")


def _parse(name: str, text: str, root: Path) -> Any:
    if name.endswith(".yaml"):
        try:
            return yaml.load(text, Loader=_NoDoubles)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise _bad(name, root, line, f"no YAML: {error.problem}") from None
        except (yaml.YAMLError, RecursionError) as error:
            raise _bad(name, root, 0, f"no YAML: {' '.join(str(error).split())}") from None
    documents = text.split("\n")[:-1] if name.endswith(".jsonl") else [text]
    found = []
    for before, document in enumerate(documents):
        try:
            found.append(json.loads(document))
        except json.JSONDecodeError as error:
            raise _bad(name, root, before + error.lineno, f"no JSON: {error.msg}") from None
        except RecursionError as error:
            raise _bad(name, root, before + 1, f"no JSON of ours: {error}") from None
    return found if name.endswith(".jsonl") else found[0]


# libyaml's loader where the wheel brings it: the scenarios are read by every test process.
class _NoDoubles(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Refuses a key that comes twice: the first of two scenarios would be lost unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} is there twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _line(name: str, content: bytes, path: shapes.Path) -> int:
    """The line of a value; JSON is read as YAML, whose nodes know their lines."""
    if name.endswith(".jsonl"):
        return int(path[0]) + 1
    node = yaml.compose(content, Loader=yaml.CSafeLoader)
    if node is None:
        return 0
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next((value for key, value in node.value if key.value == str(step)), node)
    return int(node.start_mark.line) + 1


def _text(path: shapes.Path) -> list[str]:
    return ["/".join(map(str, path))] if path else []


def _bad(name: str, root: Path, line: int, why: str) -> BadCaseFile:
    place = f"{_shown(name, root)}:{line}" if line else _shown(name, root)
    remedy = RESTORE.format(name=name)
    recorded = name != MANIFEST and name in manifest(root)
    return BadCaseFile(f"{place}: {why}; {remedy}" + (f" ({AGAIN})" if recorded else ""))


def _shown(name: str, root: Path) -> str:
    return f"tests/cases/{name}" if root == CASES else str(root / name)
