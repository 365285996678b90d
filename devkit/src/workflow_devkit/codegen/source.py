"""Lines of generated code: quoted and broken as formatters would do it."""

from __future__ import annotations

__all__ = ["called", "defined", "docstring", "one_line", "quoted"]


def called(head: str, inside: str, tail: str, width: int) -> str:
    """``head(inside)tail`` on one line, or on three where that is too long."""
    line = f"{head}({inside}){tail}"
    if len(line) <= width:
        return line
    indent = " " * (len(head) - len(head.lstrip()))
    return f"{head}(\n{indent}    {inside}\n{indent}){tail}"


def defined(head: str, inside: str, tail: str, width: int) -> str:
    """``head(inside)tail`` on one line, or on three, with a comma, where that is too long.

    For parameters and imported names: formatters add the comma there, and in calls they do not.
    """
    line = f"{head}({inside}){tail}"
    return line if len(line) <= width else f"{head}(\n    {inside},\n){tail}"


def docstring(indent: str, before: str, text: str, after: str, width: int) -> str:
    """A line with a docstring: ``before``, as much of ``text`` as there is room for, ``after``.

    Args:
        indent: the spaces in front.
        before: what is written as it is.
        text: from a diagram; it is cut where the line would be longer than ``width``.
        after: what is written as it is.
        width: how many characters the line may have.
    """
    room = max(width - len(f'{indent}"""{before}{after}"""'), 0)
    return f'{indent}"""{before}{one_line(text, room)}{after}"""\n'


def one_line(text: str, room: int) -> str:
    """Text from a diagram for a docstring: one line, nothing that ends or escapes it."""
    # A backslash would begin an escape, and a quote may end the docstring.
    words = " ".join(text.replace("\\", "/").replace('"', "'").split())
    plain = "".join(char for char in words if char.isprintable())
    return plain if len(plain) <= room else f"{plain[: max(room - 1, 0)].rstrip()}…"


def quoted(text: str) -> str:
    """A string literal in the quotes that formatters prefer: the fewest escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char in {"'", '"'}:
        return f"\\{char}" if char == quote else char
    # What cannot be printed as Python escapes it; its choice of quotes is that of one character.
    return repr(char)[1:-1]
