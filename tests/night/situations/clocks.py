"""The machine's clock jumps by hours: nothing is late because of it, and nobody is woken."""

import asyncio
from pathlib import Path

from tests.night.packages import unpacked
from tests.night.situation import Situation
from tests.night.stage import Stage

CACHED = 1
"""Seconds until libfaketime reads its file again: at each call it would slow SQLite down."""
JUMPS = ("+3600", "-7200", "+0")


def turn(clock: Path, offset: str) -> None:
    """Sets the service's clock; at no moment is there half a text."""
    new = clock.with_suffix(".new")
    new.write_text(offset, encoding="utf-8")
    new.replace(clock)


async def play(stage: Stage) -> None:
    clock = stage.folder / "clock"
    turn(clock, "+0")
    package = await asyncio.to_thread(unpacked, "libfaketime")
    await stage.run(
        LD_PRELOAD=next(package.rglob("libfaketime.so.1")),
        FAKETIME_TIMESTAMP_FILE=clock,
        FAKETIME_CACHE_DURATION=CACHED,
        NO_FAKE_STAT=1,
        FAKETIME_DONT_FAKE_MONOTONIC=1,
    )
    stage.traffic()
    await stage.until("some registrations", lambda: len(stage.engine.completed()) >= 2)
    stage.fault()
    for number, jump in enumerate(JUMPS, 1):
        turn(clock, jump)
        await asyncio.sleep(2 * CACHED)
        user = f"jump{number}"
        await stage.engine_start(user)
        status, *_ = await stage.post(stage.replicas[0], f"/registrations/{user}/confirmation")
        stage.expect(status == 202, f"an event answers {status} after a jump of {jump} s")
        await stage.since_fault(35 * number)
    stage.settled()
    await stage.all_completed()


SITUATIONS = [
    Situation(
        name="clock-jumps",
        title="the clock jumps by hours",
        play=play,
        untrue=(r"(?i)not deployed|broker is away|engine is away|incident|late|stall",),
    )
]
