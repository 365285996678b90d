"""What answers of both engines are written in."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

NOW: Final = "2026-03-02T12:00:00Z"
"""What ``now()`` answers."""


def number_text(number: Decimal) -> str:
    """Writes a number to 12 digits, which leaves out how each side rounds floats."""
    short = Decimal(f"{number:.11e}").normalize()
    return f"{short:f}" if abs(short.adjusted()) < 30 else str(short)
