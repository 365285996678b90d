"""Colours of shapes and lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["FILL", "LINE", "Style"]

LINE: Final = "#22242a"
FILL: Final = "#ffffff"


@dataclass(frozen=True, slots=True)
class Style:
    """The colours of a shape's lines, surface and text."""

    line: str = LINE
    fill: str = FILL
    text: str = LINE
    dashed: bool = False
    """Whether an arrow is drawn broken: it was never taken."""
