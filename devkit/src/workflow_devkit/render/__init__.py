"""Pictures of diagrams: a file by its own layout, or by one of ours, as SVG."""

from __future__ import annotations

from workflow_devkit.render.overlay import Overlay
from workflow_devkit.render.svg_picture import render_svg

__all__ = ["Overlay", "render_svg"]
