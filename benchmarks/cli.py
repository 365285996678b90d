"""How long `workflow --help` takes, beside a bare import of the library that it is made with.

``python benchmarks/cli.py [runs]``. Prints JSON: seconds of processor time, of which start-up is
made, so that other work on the machine counts little. They take turns, the fastest run counts.
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


def main(runs: int) -> None:
    """Measures all in turn and prints them."""
    times = {name: float("inf") for name in COMMANDS}
    for _ in range(runs):
        for name, arguments in COMMANDS.items():
            times[name] = min(times[name], seconds(arguments))
    ratios = {name: round(took / times[PEER], 2) for name, took in times.items() if name != PEER}
    rounded = {name: round(took, 3) for name, took in times.items()}
    print(json.dumps({"seconds": rounded, f"times {PEER}": ratios}, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
