"""How long a newcomer waits: baking a service, beside a template of one file, and its own tests.

Five rounds in turns, medians; exit 1 if a limit is missed. Installing is not measured: it is the
package index's time.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
LIMITS = {"bake, s": 0.5, "own tests, s": 10.0}
"""Baking without the start of Python and cookiecutter, which the template of one file shows."""


def smallest(folder: Path) -> Path:
    """A template that only has a name."""
    inner = folder / "smallest" / "{{cookiecutter.name}}"
    inner.mkdir(parents=True)
    (inner / "README.md").write_text("# {{cookiecutter.name}}\n")
    (inner.parent / "cookiecutter.json").write_text('{"name": "small"}')
    return inner.parent


def seconds(*command: str, cwd: Path, **env: str) -> float:
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.perf_counter() - begun


def bake(template: Path, folder: Path) -> float:
    options = ("--no-input", "--default-config", "--overwrite-if-exists", "-o", str(folder))
    return seconds(sys.executable, "-m", "cookiecutter", str(template), *options, cwd=folder)


def measure(folder: Path) -> dict[str, float]:
    small = smallest(folder)
    rounds = [(bake(ROOT, folder), bake(small, folder)) for _ in range(ROUNDS)]
    service = folder / "registration-service"
    path = os.pathsep.join([str(service / "src"), os.environ.get("PYTHONPATH", "")])
    pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    tests = [seconds(*pytest, cwd=service, PYTHONPATH=path) for _ in range(ROUNDS)]
    whole = statistics.median(ours for ours, _ in rounds)
    return {
        "bake, s": round(statistics.median(ours - floor for ours, floor in rounds), 3),
        "bake with the start of cookiecutter, s": round(whole, 3),
        "template of one file, s": round(statistics.median(floor for _, floor in rounds), 3),
        "own tests, s": round(statistics.median(tests), 2),
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder))
    missed = [name for name, limit in LIMITS.items() if result[name] > limit]
    print(json.dumps({"benchmark": "template", **result, "missed": missed}, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
