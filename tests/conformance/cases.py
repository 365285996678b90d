"""Where test data stand: ours in ``tests/cases``, other people's beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CASES = Path(__file__).resolve().parents[1] / "cases"
BROKER = CASES / "broker"
FOREIGN = Path(__file__).resolve().parents[3] / "shared" / "cases"
BPMN = FOREIGN / "bpmn"


def files(folder: Path, pattern: str = "*.bpmn") -> list[Path]:
    """Sorted, so that tests come in the same order everywhere."""
    return sorted(folder.glob(pattern))


def read_json(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
