"""The table of docs/how-to/on-call.md, and the summary that a run prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tests.night.report import Report
from tests.night.situations import SITUATIONS
from tests.night.stage import RUNBOOK

_TABLE = re.compile(r"(?<=<!-- night -->\n).*?(?=<!-- end of night -->)", re.DOTALL)
_HEAD = ("| situation | known within | told by | then |", "|---|---|---|---|")
_MINUTE = 60
"""Times are rounded up to minutes, so that another run writes the same."""


def rows(reports: Iterable[Report]) -> list[str]:
    """A row for each situation."""
    return [_row(each) for each in reports]


def _row(report: Report) -> str:
    told = "nothing to tell, and nothing is told"
    within = "-"
    if report.seconds is not None:
        within = f"{-int(-report.seconds // _MINUTE)} min"
        told = _by(report.told)
    verbs = dict.fromkeys(_verbs(command) for command in report.commands)
    steps = [report.situation.repair, *(f"`{verb}`" for verb in verbs)]
    then = ", ".join(filter(None, steps)) or "it goes on by itself"
    return f"| {report.situation.title} | {within} | {told} | {then} |"


def _title(row: str) -> str:
    return row.removeprefix("| ").partition(" | ")[0]


def _by(told: str) -> str:
    channel, _, head = told.partition(" ")
    name = head.partition(":")[0]
    # "(300 of them)": as many as had come by then.
    return f"rule `{name}`" if channel == "rule" else f"{channel} “{head.partition(' (')[0]}”"


def _verbs(command: str) -> str:
    found = re.match(r"workflow(?: [a-z][a-z-]*)+", command)
    assert found
    return found[0]


def write(reports: Sequence[Report]) -> None:
    """Puts the rows of these situations into the page's table; those of others stay."""
    page = RUNBOOK.read_text(encoding="utf-8")
    found = _TABLE.search(page)
    assert found, f"{RUNBOOK.name} has no <!-- night --> and <!-- end of night -->"
    by_title = {_title(row): row for row in [*found[0].splitlines(), *rows(reports)]}
    ordered = [by_title[each.title] for each in SITUATIONS if each.title in by_title]
    table = "\n".join([*_HEAD, *ordered]) + "\n"
    RUNBOOK.write_text(_TABLE.sub(lambda _: table, page), encoding="utf-8")


def text(reports: Sequence[Report]) -> str:
    """What a run prints: figures, then what is wrong."""
    lines = ["", f"{'situation':18} {'told after':>10} {'lines':>6} {'notices':>8}  by"]
    for each in reports:
        after = "-" if each.seconds is None else f"{each.seconds:.0f} s"
        lines.append(
            f"{each.situation.name:18} {after:>10} {each.lines:6} {each.notices:8}  {each.told}"
        )
    for each in reports:
        lines += ["", f"{each.situation.name}: {each.registrations} registrations"]
        lines += [f"  $ {command}" for command in each.commands]
        lines += [f"  ! {problem}" for problem in each.problems] or ["  all limits kept"]
    return "\n".join(lines)
