"""What is lost and what is doubled while everything breaks, counted.

``python -m benchmarks.chaos [--minutes 5] [--seed N] [--json] [--keep]
[--only proxy kills outbox]``: three runs, each a third of the time. The engine is the devkit's, in
a process of its own, and so is every replica. The outbox needs PostgreSQL at DATABASE_URL
(``tools/postgres.sh start`` prints one). Exit 1 if something was lost, or doubled though at least
once does not force it; 2 without PostgreSQL. What hangs is waited for: at most 45 s without a step.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
import shutil
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks import chaos_jobs, chaos_outbox
from loguru import logger

RUNS = {
    "proxy": chaos_jobs.proxy,
    "kills": chaos_jobs.kills,
    "outbox": chaos_outbox.outbox,
}


def showing(name):
    """Says on stderr how far a run is: on a terminal twice a second, in a file now and then."""
    begun = time.monotonic()
    on_terminal = sys.stderr.isatty()
    before, after, pause = ("\r\x1b[K", "", 0.5) if on_terminal else ("", "\n", 10)

    @asynccontextmanager
    async def show(progress):
        async def again_and_again():
            while True:
                took = time.monotonic() - begun
                sys.stderr.write(f"{before}{name}  {took:3.0f} s  {progress()}{after}")
                sys.stderr.flush()
                await asyncio.sleep(pause)

        shown = asyncio.create_task(again_and_again())
        try:
            yield
        finally:
            shown.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await shown
            sys.stderr.write(before)

    return show


async def one(name, seconds, seed, keep):
    """One run; its folder stays if that is wanted, or something went wrong."""
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
    counts, wrong = await RUNS[name](folder, seconds, random.Random(seed), showing(name))
    result = {"seconds": round(time.monotonic() - begun), **counts, "wrong": wrong}
    if keep or any(wrong.values()):
        return result | {"records, notes and logs": str(folder)}
    shutil.rmtree(folder)
    return result


def as_text(report):
    for name, result in report.items():
        yield f"\n{name}"
        for what, found in result.items():
            if what != "wrong":
                yield f"  {what:<44} {in_words(found)}"
        for what, count in result["wrong"].items():
            yield f"  {what:<44} {count}{'   WRONG' if count else ''}"


def in_words(found):
    if isinstance(found, dict):
        return ", ".join(f"{each} {count}" for each, count in found.items()) or "none"
    return found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="of all runs together")
    parser.add_argument("--seed", type=int, help="of what breaks when; by chance if left out")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    parser.add_argument("--keep", action="store_true", help="keep records, notes and logs")
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    return parser.parse_args()


def main():
    options = arguments()
    if "outbox" in options.only and (problem := asyncio.run(chaos_outbox.missing())):
        remedy = "export DATABASE_URL=$(tools/postgres.sh start), or --only proxy kills"
        print(f"chaos: {problem}: {remedy}", file=sys.stderr)
        return 2
    logger.remove()
    logging.disable(logging.WARNING)
    seed = random.randrange(2**32) if options.seed is None else options.seed
    share = options.minutes * 60 / len(options.only)
    report = {name: asyncio.run(one(name, share, seed, options.keep)) for name in options.only}
    wrong = [
        f"{n}: {what}" for n, r in report.items() for what, count in r["wrong"].items() if count
    ]
    if options.json:
        print(json.dumps({"benchmark": "chaos", "seed": seed, **report, "missed": wrong}, indent=2))
    else:
        print(f"seed {seed}", *as_text(report), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
