"""Runs the tools that are installed beside this Python."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def run_tool(folder: Path, *command: str, timeout: float = 60) -> str:
    """Runs a tool of this environment in a folder; its output, or a failure that shows it."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def clean_environment() -> dict[str, str]:
    """The environment without what belongs to this test run."""
    ours = {"VIRTUAL_ENV", "PYTHONPATH", "TOX_ENV_NAME", "TOX_WORK_DIR", "PYTEST_CURRENT_TEST"}
    prefixes = ("COV_", "PYTEST_XDIST", "ZEEBE_", "WORKFLOW_")
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith(prefixes)}
    return kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
