r"""How much a pattern grows when counted repeats such as ``(a{100}){100}`` are written out.

The regex library writes some of them out, which could take any amount of memory.
"""

from __future__ import annotations

from typing import Final

import regex

# A whole class is one piece: repeats write it out as one.
_PIECE: Final = regex.compile(r"\\(?s:.)|\[\^?\]?(?:\\(?s:.)|[^\]\\])*\]|\{\d*,?\d*\}|(?s:.)")


def pattern_cost(pattern: str) -> int:
    """Count the pieces of a pattern with its counted repeats written out."""
    sums = [0]
    last = 0
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        if piece == "(":
            sums.append(0)
            last = 0
        elif piece == ")" and len(sums) > 1:
            last = sums.pop()
            sums[-1] += last
        elif len(piece) > 1 and piece[0] == "{":
            grown = last * _times(piece)
            sums[-1] += grown - last
            last = grown
        else:
            last = 1
            sums[-1] += 1
    return sum(sums)


def _times(repeat: str) -> int:
    # The larger count decides: `{2,5}` is 5 times, `{2,}` is 2.
    counts = [int(count) for count in repeat[1:-1].split(",") if count]
    return max(1, *counts) if counts else 1
