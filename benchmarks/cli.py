"""How long `workflow --help` takes, beside a bare import of the library that it is made with.

``python -m benchmarks.cli [runs]``. Prints JSON: seconds of processor time, of which start-up is
made, so that other work on the machine counts little. They take turns, the fastest run counts.
Exit 1 if a limit is missed.
"""

import json
import os
import resource
import subprocess
import sys

COMMANDS = {
    "workflow --help": ["-m", "workflow_runtime.cli", "--help"],
    "workflow lint --help": ["-m", "workflow_runtime.cli", "lint", "--help"],
    "import typer": ["-c", "import typer"],
    "python": ["-c", ""],
}
PEER = "import typer"
LIMIT = 0.4
"""Seconds for the help; the peer's share in it is not ours."""


def seconds(arguments: list[str]) -> float:
    """The processor time of one run of a Python program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TERM": "dumb"},
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> int:
    """Measures all in turn and prints them."""
    times = {name: float("inf") for name in COMMANDS}
    for _ in range(runs):
        for name, arguments in COMMANDS.items():
            times[name] = min(times[name], seconds(arguments))
    ratios = {name: round(took / times[PEER], 1) for name, took in times.items() if name != PEER}
    missed = [name for name, took in times.items() if name.endswith("--help") and took > LIMIT]
    report = {
        "benchmark": "cli",
        "seconds": {name: round(took, 3) for name, took in times.items()},
        f"times {PEER}": ratios,
        "missed": missed,
    }
    print(json.dumps(report, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
