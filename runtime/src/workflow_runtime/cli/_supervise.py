"""``workflow run`` with child processes: several side by side, or one that is restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from workflow_runtime._worker.shutdown import SIGNALS
from workflow_runtime.cli.output import note

UNASKED = 0
"""Passed on like a signal: a child drains though nobody has asked, and a first Ctrl+C may come."""


def run_and_reload(target: str, watch: Sequence[Path]) -> int:
    """Runs the service in a child process and restarts it on every change of a file.

    A child has its grace period for its running jobs; one that has ended waits for a change too.
    """
    import watchfiles  # noqa: PLC0415 - an extra

    told = _Told()
    note(f"watching {', '.join(str(path.resolve()) for path in watch)}")
    child = told.start(target, os.environ)
    for changes in watchfiles.watch(
        *watch, watch_filter=watchfiles.PythonFilter(extra_extensions=(".bpmn",)), stop_event=told
    ):
        note(f"reload: {', '.join(sorted(path for _, path in changes))}")
        child.tell(UNASKED)
        child.process.wait()
        if not told.is_set():
            told.forget(child)
            child = told.start(target, os.environ)
    return told.exit_code(child)


def run_side_by_side(target: str, count: int) -> int:
    """Runs the service ``count`` times; when one ends the others are told to stop.

    When a process dies, the others are stopped too: whoever runs this command (systemd,
    Kubernetes) restarts the service, and sees the exit code.
    """
    told = _Told()
    children = [
        told.start(target, child_environment(os.environ, number)) for number in range(count)
    ]
    # Its exit code counts before the others': they end because it did.
    first = _wait_for_first(children)
    if not told.is_set():  # a second signal would cut short what is finishing its jobs
        for child in children:
            child.tell(UNASKED)
    codes = [told.exit_code(child) for child in children]
    return told.exit_code(first) or max(codes)


def child_environment(environment: Mapping[str, str], number: int) -> dict[str, str]:
    """The environment of a child: its own port for health."""
    own = dict(environment)
    port = own.get("WORKFLOW_HEALTH_PORT", "")
    if port.isdecimal() and int(port):
        # 0 takes any free port, so it is left to each.
        own["WORKFLOW_HEALTH_PORT"] = str(int(port) + number)
    return own


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    line: int
    """Where it hears what its parent was told (_child.py)."""

    def tell(self, number: int) -> None:
        """Passes a signal on; one that has ended hears nothing."""
        with suppress(OSError):
            os.write(self.line, bytes([number]))


class _Told:
    """The signals that this process gets, passed on to its children."""

    def __init__(self) -> None:
        self._signals: list[int] = []
        self._children: list[_Child] = []
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:
                signal.signal(number, self._forward)

    def is_set(self) -> bool:
        """Whether this process was told to end; the name is that of events."""
        return bool(self._signals)

    def start(self, target: str, environment: Mapping[str, str]) -> _Child:
        """Runs the service in a child, which ends with this process."""
        end, line = os.pipe()
        command = [sys.executable, "-m", "workflow_runtime.cli._child", str(end), "run", target]
        process = subprocess.Popen(command, env=environment, pass_fds=[end])  # noqa: S603 - our own command
        os.close(end)
        child = _Child(process, line)
        self._children.append(child)
        # One that came in between was told to the others only.
        for number in self._signals:
            child.tell(number)
        return child

    def forget(self, child: _Child) -> None:
        """Lets go of a child that has ended."""
        self._children.remove(child)
        os.close(child.line)

    def exit_code(self, child: _Child) -> int:
        """A child's exit code once it has ended, as a shell gives it: 128 plus a signal."""
        code = child.process.wait()
        if -code in self._signals:
            # By the signal itself: it was starting, and had nothing in hand yet.
            return 0
        return code if code >= 0 else 128 - code

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)
        for child in self._children:
            child.tell(number)


def _wait_for_first(children: Sequence[_Child]) -> _Child:
    # A Popen waits for its own child only, so they take turns.
    while True:
        for child in children:
            try:
                child.process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            return child
