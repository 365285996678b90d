"""Records what is scraped in real faults: ``python -m tests.night.recorded FOLDER [NAME…]``.

The faults are played with the generated service and ``workflow dev``, as the night's are, and last
longer than two minutes each. The samples are written to ``tests/cases/metrics``, a file for each
fault, for `tests/runtime/telemetry/test_recorded_faults.py`. FOLDER takes logs and databases.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

from tests.night.prometheus import INTERVAL, Prometheus
from tests.night.services import bake, release
from tests.night.stage import Stage
from tests.night.webhook import Webhook
from tests.reliability.proxy import Proxy
from tests.support.promtool import promtool

CASES = Path(__file__).resolve().parents[1] / "cases" / "metrics"
QUIET = 75.0
"""Seconds before a fault: rules compare with what was before."""
LONG = 140.0
"""Seconds of a fault, and of what comes after one that ends."""
AT_ONCE = 3
"""Faults that are played at the same time; of more, services do not start in their time."""
BAD = {
    "src/registration_service/handlers/accounts.py": ("create(scope.user_id)", "create(scope.name)")
}
LEAK = {
    "src/registration_service/handlers/accounts.py": (
        "create(scope.user_id)",
        'create((globals().setdefault("LEAK", []).append(b"x" * 9_000_000), scope.user_id)[1])',
    )
}
CONDITION = {"bpmn/registration_service_process.bpmn": ('=plan = "premium"', "=vip")}
_ASKED_FOR = re.compile(r"workflow_\w+$|process_(start_time_seconds|resident_memory_bytes)$|up$")
_BESIDE = ("_bucket", "_sum", "_count", "_created")
"""What no rule asks for."""
_TIME = "process_start_time_seconds{"
"""A moment: in a recording it is one since the first sample, as all its times."""
_SAMPLE = re.compile(r"^(\{.*\}) (\S+) (\d+)$")

Play = Callable[[Stage], Awaitable[None]]


async def _calm(stage: Stage, count: int = 1, release: Path | None = None, **more: object) -> None:
    await stage.run(count, release, **more)
    stage.traffic()
    await asyncio.sleep(QUIET)
    stage.fault()


async def service_killed(stage: Stage) -> None:
    await _calm(stage)
    stage.replicas[0].runs[-1].signal(signal.SIGKILL)
    await stage.since_fault(LONG)


async def replica_killed(stage: Stage) -> None:
    await _calm(stage, 2)
    stage.replicas[0].runs[-1].signal(signal.SIGKILL)
    await stage.since_fault(LONG)


async def killed_again_and_again(stage: Stage) -> None:
    await _calm(stage)
    replica = stage.replicas[0]
    for number in range(5):
        replica.runs[-1].signal(signal.SIGKILL)
        await replica.runs[-1].gone()
        await replica.start()
        await stage.since_fault(30.0 * (number + 1))


async def nine_minutes_without_mails(stage: Stage) -> None:
    await _calm(stage, 2)
    stage.world.stop_mail()
    await stage.since_fault(540)
    await stage.world.start_mail()
    stage.settled()
    await stage.since_fault(540 + LONG)


async def everything_fails(stage: Stage) -> None:
    bad = release(stage.services["sqlite"], "bad", BAD)
    await _calm(stage, 2)
    await stage.no_more_traffic()
    for replica in list(stage.replicas):
        # The same addresses, as on a machine of one's own.
        await replica.runs[-1].stop()
        replica.service = bad
        await replica.start()
    stage.fault()
    while time.time() < stage.fault_at + LONG:
        await stage.register(f"late-{time.time()}")
        await asyncio.sleep(20)


async def engine_gone(stage: Stage) -> None:
    await _calm(stage, 2)
    await stage.engine.line.cut()
    await stage.no_more_traffic()
    await stage.since_fault(LONG)


async def engine_restarts(stage: Stage) -> None:
    await _calm(stage, 2)
    await stage.engine.line.cut()
    await stage.since_fault(30)
    await stage.engine.line.start()
    await stage.since_fault(LONG)


async def loop_blocked(stage: Stage) -> None:
    stage.world.answers["block"] = f"block {LONG}"
    await _calm(stage)
    await stage.register("block-1")
    await stage.since_fault(LONG)


async def database_locked(stage: Stage) -> None:
    await _calm(stage)
    with _locked(stage.folder / "outbox-1.db"):
        await stage.since_fault(LONG)


async def operate_gone(stage: Stage) -> None:
    line = Proxy(stage.engine.operate_port)
    await line.start()
    url = f"http://127.0.0.1:{line.port}"
    await _calm(stage, 2, WORKFLOW_OPERATE_URL=url, WORKFLOW_OPERATE_WATCH=True)
    await line.cut()
    await stage.since_fault(LONG)


async def condition_wrong(stage: Stage) -> None:
    bad = release(stage.services["sqlite"], "condition", CONDITION)
    await stage.run(2, bad, WORKFLOW_OPERATE_WATCH=True)
    await asyncio.sleep(QUIET)
    stage.fault()
    await stage.register("somebody")
    await stage.since_fault(LONG)


async def channel_fails(stage: Stage) -> None:
    await _calm(stage)
    stage.webhook.failing.add(f"{stage.name}/pager")
    await stage.register("nameless", userId=None)
    await stage.since_fault(LONG)


async def memory_leaks(stage: Stage) -> None:
    await stage.run(1, release(stage.services["sqlite"], "leak", LEAK))
    stage.traffic()
    await stage.until("memory near the limit", lambda: len(stage.world.asked) > 20)
    stage.fault()
    await stage.since_fault(LONG)


async def rolling_deploy(stage: Stage) -> None:
    await _calm(stage, 2)
    for replica in list(stage.replicas):
        await stage.run(1)
        await stage.retire(replica)
    stage.settled()
    await stage.since_fault(LONG + 60)


FAULTS: Mapping[str, Play] = {
    each.__name__: each
    for each in (
        nine_minutes_without_mails,
        service_killed,
        replica_killed,
        killed_again_and_again,
        everything_fails,
        engine_gone,
        engine_restarts,
        loop_blocked,
        database_locked,
        operate_gone,
        condition_wrong,
        channel_fails,
        memory_leaks,
        rolling_deploy,
    )
}


class _locked:  # noqa: N801 - a context manager
    """Holds the write lock of a SQLite database, in a process of its own."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def __enter__(self) -> None:
        code = (
            "import sqlite3, sys\n"
            "lock = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)\n"
            "lock.execute('BEGIN EXCLUSIVE')\nprint('locked', flush=True)\nsys.stdin.read()\n"
        )
        pipe = subprocess.PIPE
        self._holder = subprocess.Popen(
            [sys.executable, "-c", code, self._database], stdin=pipe, stdout=pipe
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline()

    def __exit__(self, *_: object) -> None:
        self._holder.communicate()


async def record(folder: Path, names: list[str]) -> None:
    """Plays these faults, some at a time, and writes the recording of each at its end."""
    services = {"sqlite": await asyncio.to_thread(bake, folder, "sqlite")}
    prometheus = Prometheus(folder, services["sqlite"] / "monitoring" / "alerts.yaml")
    webhook = Webhook()
    await prometheus.start()
    await webhook.start()
    room, starts = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE)

    async def play(name: str) -> None:
        async with room:
            stage = Stage(name, folder / name, services, (), webhook, prometheus, starts)
            try:
                await stage.open()
                await FAULTS[name](stage)
                await asyncio.to_thread(write, folder / "data", stage)
                print(name, "recorded", flush=True)  # noqa: T201 - a program
            except Exception as error:  # noqa: BLE001 - the others go on
                print(name, "FAILED:", repr(error), flush=True)  # noqa: T201 - a program
            finally:
                prometheus.scrape(name, ())
                await stage.close()

    try:
        await asyncio.gather(*map(play, names))
    finally:
        await webhook.stop()
        await prometheus.stop()


def samples(database: Path) -> Iterator[tuple[dict[str, str], float, float]]:
    """All that a Prometheus has stored: labels, value, time."""
    for line in promtool("tsdb", "dump", database).splitlines():
        if found := _SAMPLE.match(line):
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[1]))
            yield labels, float(found[2]), int(found[3]) / 1000


def series(database: Path, job: str) -> dict[str, dict[int, float]]:
    """The series of one job, by number of the scrape since the epoch."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    begun: dict[str, float] = {}
    for labels, value, at in samples(database):
        name = labels.pop("__name__", "")
        if labels.get("job") == job and _ASKED_FOR.match(name) and not name.endswith(_BESIDE):
            text = ",".join(f'{label}="{word}"' for label, word in sorted(labels.items()))
            # Each target is scraped at seconds of its own; they stay the same but for an instant.
            since = begun.setdefault(labels["instance"], at)
            number = round(since / INTERVAL) + round((at - since) / INTERVAL)
            found[f"{name}{{{text}}}"][number] = value
    return found


def notation(values: Mapping[int, float], first: int, last: int) -> str:
    """The values in promtool's words: runs, gaps, ends."""
    words: list[str] = []
    for number in range(first, last + 1):
        value, before = values.get(number), values.get(number - 1)
        if value is None or value != value:  # noqa: PLR0124 - NaN: Prometheus marks an end by it
            gone = value is not None or (before is not None and before == before)  # noqa: PLR0124
            words.append("stale" if gone else "_")
        else:
            words.append(f"{value:.10g}")
    return " ".join(_runs(words))


def _runs(words: list[str]) -> Iterator[str]:
    begin = 0
    for end in range(1, len(words) + 1):
        if end == len(words) or words[end] != words[begin]:
            count, word = end - begin, words[begin]
            if count == 1 or word == "stale":
                yield from [word] * count
            else:
                yield f"_x{count}" if word == "_" else f"{word}x{count - 1}"
            begin = end


def write(database: Path, stage: Stage) -> None:
    """Writes the recording of one fault."""
    found = series(database, stage.name)
    numbers = [number for values in found.values() for number in values]
    first, last = min(numbers), max(numbers)
    begin = first * INTERVAL
    for name in [name for name in found if name.startswith(_TIME)]:
        found[name] = {number: at - begin for number, at in found[name].items()}
    content = {
        "interval": f"{INTERVAL}s",
        "fault": round(stage.fault_at - begin),
        "settled": round(stage.settled_at - begin) if stage.settled_at else None,
        "series": {name: notation(values, first, last) for name, values in sorted(found.items())},
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    CASES.mkdir(exist_ok=True)
    (CASES / f"{stage.name}.json").write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    """Records and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FAULTS)}")
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    asyncio.run(record(given.folder, given.names or list(FAULTS)))


if __name__ == "__main__":
    main()
