"""Case files of JSON lines: read whole, or refused with the line and what to do."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

_REMEDY = "Bring the file back from version control; recordings are never edited by hand."


class CasesError(ValueError):
    """A case file that cannot be used."""


def read_json_lines(
    path: Path, required: Collection[str], optional: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The objects of a file, one a line.

    Args:
        path: the file.
        required: fields that each object has.
        optional: fields that it may have.

    Raises:
        CasesError: the file is missing or empty, a line is no JSON object, or a field is missing
            or unknown.
    """
    if not path.is_file():
        raise CasesError(f"{path}: this case file is missing. {_REMEDY}")
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [_read(path, number, line, required, optional) for number, line in enumerate(lines, 1)]


def _read(
    path: Path, number: int, line: str, required: Collection[str], optional: Collection[str]
) -> dict[str, Any]:
    place = f"{path}:{number}"
    try:
        found = json.loads(line)
    except ValueError as error:
        raise CasesError(f"{place}: not a JSON object: {error}. {_REMEDY}") from None
    if not isinstance(found, dict):
        raise CasesError(f"{place}: not a JSON object but a {type(found).__name__}. {_REMEDY}")
    for name in sorted(found.keys() - {*required, *optional}):
        raise CasesError(f"{place}: unknown field {name!r}, expected {sorted(required)}. {_REMEDY}")
    for name in sorted(set(required) - found.keys()):
        raise CasesError(f"{place}: field {name!r} is missing. {_REMEDY}")
    return found
