"""Build both packages, check the files, install the wheels into empty environments, use them."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"runtime": "workflow_runtime", "devkit": "workflow_devkit"}
"""By folder, what is imported."""
FOREIGN = {"lxml", "regex", "rich", "typer", "tzdata", "zeebe_workflow_devkit"}
"""What production must not be made to install: docs/decisions/two-wheels.md."""


def run(*command: str | Path, fails: int = 0) -> str:
    """Runs a command and gives back what it printed; another exit code ends the check."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, encoding="utf-8", cwd="/", check=False
    )
    if done.returncode != fails:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return f"{done.stdout}{done.stderr}".strip()


def project(folder: str) -> dict[str, Any]:
    """The table ``project`` of a package."""
    text = (ROOT / folder / "pyproject.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)["project"]
    return table


def check_lockstep() -> str:
    """Both packages have one version and require each other by it; returns it."""
    runtime, devkit = project("runtime"), project("devkit")
    version: str = runtime["version"]
    wanted = (version, [f"zeebe-workflow-devkit=={version}"], True)
    found = (
        devkit["version"],
        runtime["optional-dependencies"]["dev"],
        f"zeebe-workflow-runtime[cli]=={version}" in devkit["dependencies"],
    )
    if found != wanted:
        sys.exit(f"versions differ: expected {wanted}, found {found}")
    return version


def build(folder: str, out: Path) -> tuple[Path, Path]:
    """Makes the sdist and, from it, the wheel."""
    run(sys.executable, "-m", "build", "--installer", "uv", "--outdir", out, ROOT / folder)
    stem = project(folder)["name"].replace("-", "_")
    return next(out.glob(f"{stem}-*.tar.gz")), next(out.glob(f"{stem}-*.whl"))


def check_contents(package: str, sdist: Path, wheel: Path) -> None:
    """Nothing is missing, and nothing is in that does not belong to the package."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    missing = {f"{package}/py.typed", f"{package}/__init__.py"} - names
    own = (f"{package}/", f"{wheel.name.partition('-')[0]}-")
    strange = {name for name in names if not name.startswith(own)}
    if missing or strange:
        sys.exit(f"{wheel.name}: missing {sorted(missing)}, unexpected {sorted(strange)}")
    with tarfile.open(sdist) as archive:
        tests = [n for n in archive.getnames() if "/tests/" in n or "__pycache__" in n]
    if tests:
        sys.exit(f"{sdist.name} holds {tests}")


def environment(folder: Path, dist: Path, *wanted: str) -> Path:
    """An empty environment with these requirements, ours from ``dist``; its ``bin``."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run("uv", "pip", "install", "--quiet", "--find-links", dist, "--python", python, *wanted)
    return folder / "bin"


def check_runtime_alone(folder: Path, dist: Path) -> None:
    """The runtime without the devkit: a service starts, what is missing is said."""
    commands = environment(folder, dist, "zeebe-workflow-runtime")
    site = next(folder.glob("lib/python*/site-packages"))
    too_much = sorted(name for name in FOREIGN if (site / name).exists())
    if too_much:
        sys.exit(f"the runtime installs {too_much}")
    python = commands / "python"
    run(python, "-c", SERVICE.format(address="http://127.0.0.1:9"))
    answer = run(python, "-c", SERVICE.format(address="embedded://"), fails=1)
    expect(answer, 'pip install "zeebe-workflow-runtime[dev]"')
    answer = run(python, "-c", SERVICE.format(address=""), fails=1)
    expect(answer, "set ZEEBE_ADDRESS")
    expect(run(commands / "workflow", "--version", fails=2), "zeebe-workflow-runtime[cli]")


def check_operations(folder: Path, dist: Path, version: str) -> None:
    """The operations verbs without the devkit: they work, the developer's say what to install."""
    commands = environment(folder, dist, "zeebe-workflow-runtime[cli]")
    expect(run(commands / "workflow", "--version"), version)
    expect(run(commands / "workflow", "lint", fails=2), "zeebe-workflow-runtime[dev]")


def check_devkit(folder: Path, dist: Path, version: str) -> None:
    """All of it: the command line has every verb, a service runs in memory."""
    commands = environment(folder, dist, "zeebe-workflow-runtime[dev]")
    expect(run(commands / "workflow", "--version"), version)
    expect(run(commands / "workflow", "lint", "--help"), "Exit codes")
    run(commands / "python", "-c", SERVICE.format(address="embedded://"))


def expect(answer: str, part: str) -> None:
    """Ends the check where an answer lacks a part."""
    if part not in " ".join(answer.split()):
        sys.exit(f"expected {part!r} in the answer, found:\n{answer}")


SERVICE = """
import asyncio, workflow_runtime
async def main():
    workflow = await workflow_runtime.WorkflowBuilder("s", {address!r}).run()
    await workflow.stop(0)
asyncio.run(main())
"""


def main() -> None:
    """The whole check; the last lines say what was built."""
    version = check_lockstep()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dist = folder / "dist"
        for each, package in PACKAGES.items():
            sdist, wheel = build(each, dist)
            run(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
            check_contents(package, sdist, wheel)
            print(f"built: {sdist.name}, {wheel.name}")
        check_runtime_alone(folder / "runtime", dist)
        check_operations(folder / "operations", dist, version)
        check_devkit(folder / "devkit", dist, version)
        print("installed and used: the runtime alone, with its commands, with the devkit")


if __name__ == "__main__":
    main()
