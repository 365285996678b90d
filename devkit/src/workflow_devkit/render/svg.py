"""SVG as a tree: the XML library escapes what stands in it, so no text can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

Node = ET.Element
Value = str | float | None

# What XML 1.0 does not allow (2.2) though a name may have it: ElementTree would write it as it is.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def node(tag: str, *children: Node, **attributes: Value) -> Node:
    """An element; ``stroke_width=2`` becomes ``stroke-width="2"``, None leaves it out."""
    made = ET.Element(tag, _written(attributes))
    made.extend(children)
    return made


def words(tag: str, content: str, **attributes: Value) -> Node:
    """An element that holds text."""
    made = ET.Element(tag, _written(attributes))
    made.text = _legal(content)
    return made


def path(d: str, **attributes: Value) -> Node:
    """A path, by its commands."""
    return node("path", d=d, **attributes)


def number(value: float) -> str:
    """A number for SVG: two places at most, so that the same picture is the same bytes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    # Rounding leaves -0 of what is barely negative.
    return "0" if text == "-0" else text


def points(places: Iterable[tuple[float, float]]) -> str:
    """The ``points`` of a polygon."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)


def write(root: Node) -> str:
    """The text of a whole picture."""
    return ET.tostring(root, encoding="unicode")


def _written(attributes: dict[str, Value]) -> dict[str, str]:
    return {
        name.replace("_", "-"): _legal(value) if isinstance(value, str) else number(value)
        for name, value in attributes.items()
        if value is not None
    }


def _legal(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
