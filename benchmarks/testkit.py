"""How long tests of a generated service take, and what the plugin adds to any pytest run.

A service is baked with the defaults; its own tests run, five rounds. The plugin's cost is a pytest
run without tests, with and without it, in turns. Medians; exit 1 if a limit is missed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
LIMITS = {"handler test, ms": 1.0, "process test, ms": 20.0, "plugin start-up, ms": 150.0}
TIMER = """
import json, pathlib

def pytest_runtest_logreport(report):
    if report.when == "call" and report.passed:
        with pathlib.Path("durations.jsonl").open("a") as file:
            file.write(json.dumps([report.nodeid, report.duration]) + "\\n")
"""


def bake(folder: Path) -> Path:
    return Path(cookiecutter(str(ROOT), no_input=True, output_dir=folder, default_config=True))


def run_tests(service: Path) -> dict[str, float]:
    """Milliseconds of each test's call, by its name."""
    (service / "timer.py").write_text(TIMER)
    told = service / "durations.jsonl"
    told.unlink(missing_ok=True)
    path = os.pathsep.join([str(service), str(service / "src")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "timer", "-p", "no:cacheprovider"],
        cwd=service,
        env={**os.environ, "PYTHONPATH": path + os.pathsep + os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    return {name: seconds * 1000 for name, seconds in lines}


def start_up(folder: Path, *options: str) -> float:
    """Milliseconds of a pytest run that finds no tests."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, *options, str(folder)],
        capture_output=True,
        check=False,
    )
    return (time.perf_counter() - begun) * 1000


def median_of(name: str, runs: list[dict[str, float]]) -> float:
    return statistics.median(ms for run in runs for test, ms in run.items() if name in test)


def measure(folder: Path) -> dict[str, float]:
    service, nothing = bake(folder), folder / "nothing"
    nothing.mkdir()
    runs = [run_tests(service) for _ in range(ROUNDS)]
    added = [
        start_up(nothing) - start_up(nothing, "-p", "no:workflow_runtime") for _ in range(ROUNDS)
    ]
    return {
        "handler test, ms": round(median_of("test_handlers", runs), 3),
        "process test, ms": round(median_of("test_process", runs), 3),
        "plugin start-up, ms": round(statistics.median(added), 1),
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder))
    missed = [name for name, limit in LIMITS.items() if result[name] > limit]
    print(json.dumps({"benchmark": "testkit", **result, "missed": missed}, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
