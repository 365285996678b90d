"""Build the runtime, check the files, install the wheel into an empty venv and use it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "runtime"
WANTED = {"workflow_runtime/py.typed", "workflow_runtime/__init__.py"}


def run(*command: str | Path) -> str:
    """Runs a command and gives back what it printed; a failure ends the check."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, encoding="utf-8", cwd="/", check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def build(out: Path) -> tuple[Path, Path]:
    """Makes the sdist and, from it, the wheel."""
    run(sys.executable, "-m", "build", "--installer", "uv", "--outdir", out, RUNTIME)
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


def check_contents(sdist: Path, wheel: Path) -> None:
    """Nothing is missing, and nothing is in that does not belong to the package."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    missing = WANTED - names
    strange = {
        n for n in names if not n.startswith(("workflow_runtime/", "zeebe_workflow_runtime-"))
    }
    if missing or strange:
        sys.exit(f"{wheel.name}: missing {sorted(missing)}, unexpected {sorted(strange)}")
    with tarfile.open(sdist) as archive:
        tests = [n for n in archive.getnames() if "/tests/" in n or "__pycache__" in n]
    if tests:
        sys.exit(f"{sdist.name} holds {tests}")


def check_install(wheel: Path, folder: Path) -> None:
    """An empty environment with nothing but the wheel imports it and answers."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run("uv", "pip", "install", "--quiet", "--python", python, wheel)
    run(python, "-c", "import workflow_runtime; workflow_runtime.WorkflowBuilder")
    project = tomllib.loads((RUNTIME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    answer = run(folder / "bin" / "workflow", "--version")
    if version not in answer:
        sys.exit(f"workflow --version answered {answer!r}, not {version}")


def main() -> None:
    """The whole check; the last line says what was built."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sdist, wheel = build(folder / "dist")
        run(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
        check_contents(sdist, wheel)
        check_install(wheel, folder / "venv")
        print(f"built and used: {sdist.name}, {wheel.name}")


if __name__ == "__main__":
    main()
