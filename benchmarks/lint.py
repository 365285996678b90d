"""How many diagrams a second are linted, beside bpmnlint with Camunda's rules in the same run.

The models are those of other people in the folder that FOREIGN_CASES names (see
tests/cases/README.md), or else the template's own. Both run all of their rules, without their
start-up; then each as a whole command. Five rounds, the contestants taking turns; medians. Exit 1
if a limit is missed.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tools import bpmnlint

from workflow_devkit.feel import evaluation
from workflow_devkit.lint import Options, Profile, calls, lint_files, variables

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
LIMIT = 100
CACHES = (calls.called_functions, variables._read_by, evaluation._compile_cached)  # noqa: SLF001


def models():
    folder = os.environ.get("FOREIGN_CASES")
    if folder is None:
        return sorted(ROOT.glob("*/bpmn/*.bpmn"))
    found = sorted(Path(folder).glob("bpmn/*/*.bpmn"))
    if not found:
        sys.exit(f"FOREIGN_CASES: no models {folder}/bpmn/*/*.bpmn; name their folder, or none")
    return found


def ours(files):
    for cache in CACHES:
        cache.cache_clear()
    started = time.perf_counter()
    lint_files(files, lambda _: Options(Profile.ZEEBE))
    return time.perf_counter() - started


def theirs(files):
    return bpmnlint.lint(files).seconds


def our_command(files):
    command = [sys.executable, "-m", "workflow_runtime.cli", "lint", "--profile", "zeebe", *files]
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - started


def their_command(files):
    started = time.perf_counter()
    bpmnlint.lint(files)
    return time.perf_counter() - started


def contestants():
    """Name and function of each, and why the peer is missing, if it is."""
    found = {"workflow lint": ours, "workflow lint, whole command": our_command}
    try:
        bpmnlint.install()
    except bpmnlint.Missing as reason:
        return found, f"bpmnlint skipped: {reason}"
    return found | {"bpmnlint": theirs, "bpmnlint, whole command": their_command}, None


def measure(runs, files):
    seconds = {name: [] for name in runs}
    for run in runs.values():
        run(files[:5])
    for _ in range(ROUNDS):
        for name, run in runs.items():
            seconds[name].append(run(files))
    return {name: statistics.median(found) for name, found in seconds.items()}


def main():
    runs, reason = contestants()
    files = models()
    seconds = measure(runs, files)
    rates = {name: round(len(files) / found, 1) for name, found in seconds.items()}
    report = {"benchmark": "lint", "models": len(files), "models per second": rates}
    missed = [] if rates["workflow lint"] >= LIMIT else ["workflow lint"]
    if reason:
        report["note"] = reason
    else:
        report["times bpmnlint"] = {
            name: round(rates[name] / rates[name.replace("workflow lint", "bpmnlint")], 1)
            for name in ("workflow lint", "workflow lint, whole command")
        }
        missed += [name for name, ratio in report["times bpmnlint"].items() if ratio < 1]
    report["missed"] = missed
    print(json.dumps(report, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
