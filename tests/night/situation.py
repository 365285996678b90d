"""A situation as data: what is played, what tells of it, what else is true while it lasts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.night.stage import Stage


@dataclass(frozen=True, slots=True)
class Situation:
    """One of the twelve.

    Attributes:
        name: its name in Prometheus, in addresses and on the command line.
        title: its row of the table.
        play: does it, on a stage of its own.
        tells: patterns of `Statement.shown`; what they find tells a person of the fault. Empty:
            there is nothing to tell, and nothing may be told.
        true_too: patterns of notices and rules that may come besides, because they are so.
        untrue: patterns of what would be false here: in notices, rules and loud lines.
        repair: what a person does besides commands, for the table.
        counted: whether counters of the service can be compared: no replica has died.
        long: whether it takes longer than the others, and begins before them.
    """

    name: str
    title: str
    play: Callable[[Stage], Awaitable[None]]
    tells: tuple[str, ...] = ()
    true_too: tuple[str, ...] = ()
    untrue: tuple[str, ...] = ()
    repair: str = ""
    counted: bool = True
    long: bool = False
