"""What came of a situation: when it was told, by what, how much was said, what was wrong."""

from __future__ import annotations

from dataclasses import dataclass

from tests.night.situation import Situation
from tests.night.stage import KNOWN_WITHIN, Stage
from tests.night.statements import most_in_a_minute
from tests.night.truth import counters, falsehoods, state_after

MOST_LINES = 5
MOST_NOTICES = 2
"""A minute, of one kind."""


@dataclass(frozen=True, slots=True)
class Report:
    """A situation, judged."""

    situation: Situation
    seconds: float | None
    told: str
    lines: int
    notices: int
    registrations: int
    commands: tuple[str, ...]
    problems: tuple[str, ...]


async def judged(situation: Situation, stage: Stage) -> Report:
    """Compares what a stage has seen with the limits and with the truth."""
    statements = stage.statements()
    kept = [f"{each.at - stage.fault_at:7.1f}  {each.source}  {each.shown}" for each in statements]
    (stage.folder / "told.txt").write_text("\n".join(kept), encoding="utf-8")
    problems = [*stage.problems, *falsehoods(stage, situation), *state_after(stage)]
    if situation.counted and not stage.problems:
        problems += await counters(stage)
    lines, kind = most_in_a_minute(each for each in statements if each.channel == "log")
    if lines > MOST_LINES:
        problems.append(f"{lines} log lines in a minute: {kind[:160]}")
    notices, kind = most_in_a_minute(each for each in statements if each.channel == "notice")
    if notices > MOST_NOTICES:
        problems.append(f"{notices} notices in a minute: {kind[:160]}")
    told = stage.told()
    seconds = told.at - stage.fault_at if told else None
    if situation.tells and (seconds is None or seconds > KNOWN_WITHIN):
        after = "never" if seconds is None else f"after {seconds:.0f} s"
        problems.append(f"told {after}, by none of {situation.tells}")
    return Report(
        situation,
        seconds,
        told.shown if told else "",
        lines,
        notices,
        len(stage.registrations),
        tuple(stage.commands),
        tuple(dict.fromkeys(problems)),
    )
