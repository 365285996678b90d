"""The line length for generated code: that of the nearest configuration of ruff."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

_DEFAULT: Final = 88
"""What ruff takes where nothing is set."""
_OWN: Final = (".ruff.toml", "ruff.toml")
"""In the order in which ruff takes them: of two in a folder the first counts."""


def line_length_at(folder: Path) -> int:
    """The line length of the nearest configuration of ruff, or ruff's default."""
    for each in (folder.resolve(), *folder.resolve().parents):
        for settings in _settings_in(each):
            length = settings.get("line-length", _DEFAULT)
            return length if isinstance(length, int) else _DEFAULT
    return _DEFAULT


def _settings_in(folder: Path) -> list[dict[str, Any]]:
    own = [_read(folder / name) for name in _OWN if (folder / name).is_file()]
    # A pyproject.toml without [tool.ruff] is passed over, as ruff does (docs: "Configuring Ruff").
    project = folder / "pyproject.toml"
    shared = _read(project).get("tool", {}).get("ruff") if project.is_file() else None
    return own if shared is None else [*own, shared]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # what is wrong there is ruff's to say
