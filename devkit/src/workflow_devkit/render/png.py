"""SVG pictures as PNG, by CairoSVG (the extra ``render``)."""

from __future__ import annotations

import math
from typing import Final
from xml.etree import ElementTree as ET

from workflow_runtime.errors import WorkflowError

LONGEST: Final = 30_000
"""Pixels along one side; Cairo ends at 32,767."""
LARGEST: Final = 100_000_000
"""Pixels in all: 400 MB while it is drawn."""


class PngUnavailable(WorkflowError):
    """CairoSVG or the Cairo library is not installed; the message says how to get it."""


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a picture in its own pixels."""
    root = ET.fromstring(svg)  # noqa: S314 - drawn by `render_svg`
    return float(root.get("width", 1)), float(root.get("height", 1))


def fitting_scale(svg: str, scale: float) -> float:
    """The scale asked for, or the largest one whose picture can be held in memory."""
    width, height = size_of(svg)
    # The scale counts in both directions.
    area = math.sqrt(LARGEST / (width * height))
    return min(scale, LONGEST / width, LONGEST / height, area)


def png_of(svg: str, scale: float = 2) -> bytes:
    """The picture with ``scale`` pixels for each of its own.

    Raises:
        PngUnavailable: CairoSVG or the Cairo library is missing.
    """
    try:
        import cairosvg  # noqa: PLC0415 - an extra
    except ImportError:
        raise PngUnavailable(
            'PNG needs CairoSVG: pip install "zeebe-workflow-devkit[render]", or write SVG '
            "(-o picture.svg)"
        ) from None
    except OSError:
        raise PngUnavailable(
            "PNG needs the Cairo library: apt install libcairo2, brew install cairo, or write SVG "
            "(-o picture.svg)"
        ) from None
    drawn: bytes = cairosvg.svg2png(bytestring=svg.encode(), scale=scale)
    return drawn
