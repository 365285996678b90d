"""What a service costs in production: what is installed, loaded and computed until it runs.

``python -m benchmarks.footprint [--rounds 7] [--root CHECKOUT] [--record]``. The runtime alone is
installed into an empty environment (pip and a package index are needed), the template is baked with
its defaults, and that service is started there with an ``http://`` address at which nobody answers.
Before is ``footprint_before.json``, which ``--record`` writes from another checkout. CPU time is
compared as a multiple of a reference measured in the same rounds: loading grpc and pydantic,
which every service needs. Prints JSON; exit 1 if a mark is missed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
BEFORE = HERE / "footprint_before.json"
SEEDED = {"pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth"}
"""What a new environment brings by itself, by the first part of its names."""
REFERENCE = (
    "import time; begun = time.process_time(); import grpc.aio, pydantic.main; "
    "print(time.process_time() - begun)"
)
AT_MOST = {"distributions": 34, "runtime_modules": 90, "devkit_modules": 0}
AT_MOST_OF_BEFORE = {"installed_mb": 0.70, "cpu_of_reference": 0.60}
MEGA = 1_000_000


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}{command[0]}: exit code {done.returncode}")
    return done.stdout


def install(root, folder):
    """An environment with the runtime of ``root`` alone; its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", root / "runtime")
    return python


def bake(root, folder):
    """The template's service with all defaults; its folder."""
    options = ("--no-input", "--default-config", "-o", folder)
    run(sys.executable, "-m", "cookiecutter", root, *options, cwd=folder)
    (found,) = folder.iterdir()
    return found


def is_seeded(name):
    return name.split("-")[0] in SEEDED or name in SEEDED


def installed(site_packages):
    """Size and number of what pip put there, compiled files included."""
    files = (
        file
        for entry in site_packages.iterdir()
        if not is_seeded(entry.name)
        for file in ([entry] if entry.is_file() else entry.rglob("*"))
    )
    sizes = [file.stat().st_size for file in files if file.is_file()]
    names = [found.name for found in distributions(path=[str(site_packages)])]
    return {
        "installed_mb": round(sum(sizes) / MEGA, 1),
        "distributions": len([name for name in names if not is_seeded(name)]),
    }


def clean_environment(service):
    """No settings from outside; the service's package is found, nothing else of this process."""
    ours = ("PYTHON", "WORKFLOW_", "ZEEBE_", "SERVICE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONPATH": str(service / "src"), "ZEEBE_ADDRESS": "http://127.0.0.1:9"}


def one_round(python, service, environment):
    """A start and the reference, each in a process of its own."""
    (package,) = (folder.name for folder in (service / "src").iterdir())
    probe = run(python, HERE / "footprint_probe.py", package, cwd=service, env=environment)
    started = json.loads(probe)
    started["reference_s"] = float(run(python, "-c", REFERENCE, env=environment))
    started["cpu_of_reference"] = started["cpu_s"] / started["reference_s"]
    return started


def started(rounds):
    """Medians of the rounds, and how many of our modules were loaded."""
    first = rounds[0]
    medians = {
        name: round(statistics.median(each[name] for each in rounds), 3)
        for name in ("cpu_s", "reference_s", "cpu_of_reference")
    }
    resident = statistics.median(each["rss_bytes"] for each in rounds) / MEGA
    return {
        "runtime_modules": len(first["runtime_modules"]),
        "devkit_modules": len(first["devkit_modules"]),
        "all_modules": first["all_modules"],
        **medians,
        "resident_mb": round(resident, 1),
    }


def measure(root, rounds):
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "baked").mkdir()
        service = bake(root, home / "baked")
        python = install(root, home / "environment")
        environment = clean_environment(service)
        one_round(python, service, environment)  # compiles the service
        starts = [one_round(python, service, environment) for _ in range(rounds)]
        (site_packages,) = (home / "environment").glob("lib/python*/site-packages")
        return {"python": platform.python_version()} | installed(site_packages) | started(starts)


def compared(now, before):
    """Each figure now as a part of what it was."""
    return {
        name: round(value / before[name], 3)
        for name, value in now.items()
        if name != "python" and before[name]
    }


def missed(now, ratios):
    over = [name for name, most in AT_MOST.items() if now[name] > most]
    return over + [name for name, most in AT_MOST_OF_BEFORE.items() if ratios[name] > most]


def record(root, now):
    commit = run("git", "-C", root, "rev-parse", "--short", "HEAD").strip()
    made = "python -m benchmarks.footprint --root CHECKOUT --record, CHECKOUT being at this commit"
    BEFORE.write_text(json.dumps({"commit": commit, "made_by": made, **now}, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--root", type=Path, default=HERE.parent)
    parser.add_argument("--record", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    now = measure(options.root.resolve(), options.rounds)
    if options.record:
        record(options.root, now)
    before = json.loads(BEFORE.read_text())
    ratios = compared(now, before)
    report = {"benchmark": "footprint", "now": now, "before": before, "of before": ratios}
    report["missed"] = missed(now, ratios)
    print(json.dumps(report, indent=2))
    return 1 if report["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
