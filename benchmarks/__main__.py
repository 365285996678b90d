"""Run every benchmark, or those named: ``python -m benchmarks [feel engine worker …]``.

Each prints one JSON object; ratios are against peers measured in the same run.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOT_BENCHMARKS = {"__main__", "bench_gateway"}


def names() -> list[str]:
    """Every benchmark here, by file name."""
    return sorted(
        path.stem
        for path in HERE.glob("*.py")
        if path.stem not in NOT_BENCHMARKS and "_" not in path.stem
    )


def main(wanted: list[str]) -> int:
    """Runs them one after the other; the exit code counts those that failed."""
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    failed = 0
    for name in wanted or names():
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
