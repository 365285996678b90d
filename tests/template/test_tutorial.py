"""A newcomer who types what the tutorial says gets there."""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEP = re.compile(r"(?:^<!-- (.*?) -->\n)?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
BESIDE = "beside the rest, until: "
REPAIR = re.compile(
    r"(?P<instance>\d+)  INCIDENT .*workflow resolve (?P<incident>\d+) --job (?P<job>\d+)"
)
PATIENCE = 60.0
"""Seconds for what is waited for; a loaded machine needs a few."""


@dataclass
class Newcomer:
    """Has a terminal, and a second one in which things go on."""

    folder: Path
    log: Path
    beside: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def type(self, commands: str) -> None:
        """Types commands one after the other; Enter at every question."""
        for placeholder, value in self.seen().items():
            commands = commands.replace(f"<{placeholder}>", value)
        script = f"set -e\n{commands}\npwd > {self.log.with_name('pwd')}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            input="\n" * 20,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}{self.words()}"
        self.folder = Path(self.log.with_name("pwd").read_text().strip())

    def leave_running(self, commands: str, until: str) -> None:
        """Types into the second terminal and waits until it has said something."""
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                ["bash", "-c", commands],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.beside.append(process)
        self.wait_for(re.escape(until))

    def wait_for(self, pattern: str) -> re.Match[str]:
        """What the second terminal shows, sooner or later."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.words())):
            assert time.monotonic() < end, f"no {pattern!r} in:\n{self.words()}"
            assert all(process.poll() is None for process in self.beside), self.words()
        return found

    def seen(self) -> dict[str, str]:
        """The keys that the second terminal shows."""
        found = REPAIR.search(self.words())
        return {"address of the template": str(ROOT)} | (found.groupdict() if found else {})

    def words(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def go_home(self) -> None:
        """Presses Ctrl+C."""
        for process in self.beside:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_of_the_tutorial_works(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("ZEEBE_", "TOX_", "VIRTUAL_"))]:
        monkeypatch.delenv(name)
    newcomer = Newcomer(tmp_path, tmp_path / "second-terminal.log")
    try:
        for remark, commands in STEP.findall((ROOT / "docs" / "tutorial.md").read_text()):
            if remark.startswith(BESIDE):
                newcomer.leave_running(commands, remark.removeprefix(BESIDE))
            elif remark != "needs Docker":
                newcomer.type(commands)
            if '--scope \'{"plan"' in commands:
                newcomer.wait_for(REPAIR.pattern)
        newcomer.wait_for(rf"{newcomer.seen()['instance']}  completed")
    finally:
        newcomer.go_home()
