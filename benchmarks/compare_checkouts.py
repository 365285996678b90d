"""What was as fast before: figures of this checkout as ratios of another's, in turns.

``python -m benchmarks.compare_checkouts CHECKOUT [--rounds 5] [--only feel worker …]``. Each round
runs a benchmark of both, each with its own packages, the order changing; a ratio is the median of
the rounds' own, above 1 where this checkout is faster. Prints JSON; exit 1 if one is below 0.97.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEAST = 0.97
BENCHMARKS = {
    "engine": (
        ("--rounds", "1"),
        {"instances a second": (("orders", "engine", "per_s", "median"), 1)},
    ),
    "feel": (
        (),
        {
            name: (("per second", name), 1)
            for name in ("parse and evaluate", "evaluate", "compiled")
        },
    ),
    "lint": ((), {"models a second": (("models per second", "workflow lint"), 1)}),
    "worker": (
        ("--rounds", "1", "--only", "32 in flight", "256 in flight"),
        {
            f"{load}: {name}": ((load, "runtime", unit, "of_floor"), sign)
            for load in ("32 in flight", "256 in flight")
            for name, unit, sign in (
                ("jobs a second", "jobs_per_s", 1),
                ("CPU time of a job", "cpu_ms_per_job", -1),
            )
        },
    ),
}
"""Options, and the figures: where each stands in the JSON, and -1 where less is better."""


def run(root, name):
    """The JSON of a benchmark of a checkout; its own limits are no matter here."""
    options, _ = BENCHMARKS[name]
    # The benchmarks' own folder too: before the two wheels they were scripts, not modules.
    packages = (*(root / part / "src" for part in ("runtime", "devkit")), root / "benchmarks")
    done = subprocess.run(
        (sys.executable, "-m", f"benchmarks.{name}", *options),
        cwd=root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, packages))},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if not done.stdout:
        sys.exit(f"{root}: benchmarks/{name}.py gave no figures")
    return json.loads(done.stdout)


def read(report, path):
    for name in path:
        report = report[name]
    return report


def one_round(name, before, number):
    """The ratio of each figure; who begins changes with the number of the round."""
    roots = (before, HERE.parent)
    order = roots if number % 2 else roots[::-1]
    reports = {root: run(root, name) for root in order}
    old, new = (reports[root] for root in roots)
    _, figures = BENCHMARKS[name]
    return {
        figure: (read(new, path) / read(old, path)) ** sign
        for figure, (path, sign) in figures.items()
    }


def compare(name, before, rounds):
    ratios = [one_round(name, before, number) for number in range(rounds)]
    return {
        figure: {
            "median": round(statistics.median(each[figure] for each in ratios), 3),
            "min": round(min(each[figure] for each in ratios), 3),
            "max": round(max(each[figure] for each in ratios), 3),
        }
        for figure in ratios[0]
    }


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=BENCHMARKS, default=list(BENCHMARKS))
    return parser.parse_args()


def main():
    options = arguments()
    before = options.before.resolve()
    found = {name: compare(name, before, options.rounds) for name in options.only}
    slower = [
        f"{name}: {figure}"
        for name, figures in found.items()
        for figure, ratio in figures.items()
        if ratio["median"] < LEAST
    ]
    report = {"before": str(before), "of before": found, "missed": slower}
    print(json.dumps(report, indent=2))
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
