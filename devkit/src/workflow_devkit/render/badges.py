"""Small plates on shapes: how often passed, how many wait, how many incidents."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_devkit.render.drawing_style import FILL
from workflow_devkit.render.overlay import INCIDENT, PASSED, TOKEN, Overlay
from workflow_devkit.render.svg import Node, node, words
from workflow_devkit.render.text_size import text_width
from workflow_runtime.bpmn.model import Box

_HIGH = 18.0
_SIZE = 11.0
_MOST = 999_999


def draw_badges(element: str, box: Box, overlay: Overlay) -> Iterator[Node]:
    """The plates of one shape: passed at the top right, waiting and incidents below."""
    right, bottom = box.x + box.width, box.y + box.height
    if passed := overlay.counts.get(element):
        yield _plate(right, box.y, _short(passed), PASSED.line)
    if waiting := overlay.tokens.get(element):
        yield _plate(box.x, bottom, _short(waiting), TOKEN)
    if broken := overlay.incidents.get(element):
        yield _plate(right, bottom, f"! {_short(broken)}", INCIDENT)


def _short(count: int) -> str:
    return str(count) if count <= _MOST else f"{count // 1_000_000}M"


def _plate(x: float, y: float, content: str, colour: str) -> Node:
    # At least a circle, since the ends are round.
    wide = max(text_width(content, _SIZE) + 10, _HIGH)
    plate = node("rect", x=x - wide / 2, y=y - _HIGH / 2, width=wide, height=_HIGH, rx=_HIGH / 2,
                 fill=colour, stroke=FILL, stroke_width=1.5)  # fmt: skip
    # Digits are 0.72 of the font size high, so this centres them.
    label = words("text", content, x=x, y=y + _SIZE * 0.36, fill=FILL, font_size=_SIZE,
                  font_weight="bold", text_anchor="middle")  # fmt: skip
    return node("g", plate, label)
