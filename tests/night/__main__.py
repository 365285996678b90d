"""Plays the night's situations, all at once: ``python -m tests.night [NAME…] [--write]``.

Exit code 1: a limit is not kept, or something that was told is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.night import table
from tests.night.prometheus import Prometheus
from tests.night.report import Report, judged
from tests.night.services import bake
from tests.night.situation import Situation
from tests.night.situations import SITUATIONS
from tests.night.stage import Stage
from tests.night.webhook import Webhook

START = 300.0
"""Seconds for the starts of a situation, which waits for its turn: a busy machine needs them."""
LONGEST = 200.0
"""Seconds from the fault until a situation that has not ended has failed, and is judged."""
CLOSING = 60.0
"""Seconds for the ends of its processes."""
AT_ONCE = 3
"""Situations that start processes at the same time."""
_PROGRESS = 15.0


def say(text: str) -> None:
    """A line with the seconds since the begin."""
    print(f"{time.monotonic() - _BEGUN:4.0f} s  {text}", flush=True)  # noqa: T201 - a program


_BEGUN = time.monotonic()


async def play(situation: Situation, stage: Stage) -> Report:
    """Plays one situation to its end, or as far as it comes, and judges it."""
    try:
        async with asyncio.timeout(START) as limit:
            stage.at_fault = lambda: limit.reschedule(asyncio.get_running_loop().time() + LONGEST)
            await stage.open()
            await situation.play(stage)
    except TimeoutError as error:
        stage.problems.append(f"did not end, waited for {stage.step} {error}".strip())
    except Exception as error:  # noqa: BLE001 - the others go on
        stage.problems.append(f"{type(error).__name__} at {stage.step}: {error}")
    report = await judged(situation, stage)
    problems = "; ".join(report.problems)
    say(f"{situation.name}: {f'FAILED: {problems}' if problems else 'ok'}")
    stage.step = ""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stage.close(), CLOSING)
    return report


async def night(chosen: Sequence[Situation], folder: Path) -> list[Report]:
    """Plays situations at the same time; most of each is waiting."""
    say("bake the service")
    services = {"sqlite": await asyncio.to_thread(bake, folder, "sqlite")}
    prometheus = Prometheus(folder, services["sqlite"] / "monitoring" / "alerts.yaml")
    webhook = Webhook()
    say("start Prometheus")
    await prometheus.start()
    await webhook.start()
    starts = asyncio.Semaphore(AT_ONCE)
    stages = {
        each.name: Stage(
            each.name, folder / each.name, services, each.tells, webhook, prometheus, starts
        )
        for each in sorted(chosen, key=lambda each: not each.long)
    }
    progress = asyncio.create_task(tell_progress(stages))
    try:
        by_name = {each.name: each for each in chosen}
        playing = {
            name: asyncio.create_task(play(by_name[name], stage)) for name, stage in stages.items()
        }
        await asyncio.gather(*playing.values())
        return [playing[each.name].result() for each in chosen]
    finally:
        progress.cancel()
        await webhook.stop()
        await prometheus.stop()


async def tell_progress(stages: dict[str, Stage]) -> None:
    """Says now and then what each that has not ended waits for."""
    while True:
        await asyncio.sleep(_PROGRESS)
        for name, stage in stages.items():
            if stage.step:
                say(f"{name}: waits for {stage.step}")


def once_more(chosen: Sequence[Situation], reports: Sequence[Report], folder: Path) -> list[Report]:
    """Plays those that have failed without the others, whose reports stay."""
    failed = [one for one, report in zip(chosen, reports, strict=True) if report.problems]
    folder.mkdir()
    say(f"once more: {', '.join(each.name for each in failed)}")
    second = iter(asyncio.run(night(failed, folder)))
    return [next(second) if report.problems else report for report in reports]


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays, prints, writes; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.night", description=__doc__)
    names = [each.name for each in SITUATIONS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--write", action="store_true", help="write the table of on-call.md")
    parser.add_argument(
        "--again",
        action="store_true",
        help="play what has failed once more, without the others: the machine may have been busy",
    )
    parser.add_argument("--keep", type=Path, help="a folder for all logs, which stays")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(names):
        parser.error(f"no situation {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chosen = [each for each in SITUATIONS if not given.names or each.name in given.names]
    with tempfile.TemporaryDirectory(prefix="night-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reports = asyncio.run(night(chosen, folder))
        if given.again and any(report.problems for report in reports):
            print(table.text(reports))  # noqa: T201 - a program
            reports = once_more(chosen, reports, folder / "again")
    print(table.text(reports))  # noqa: T201 - a program
    if given.write:
        table.write(reports)
    return 1 if any(report.problems for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
