"""``workflow run`` with child processes: several side by side, or one that is restarted."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from workflow_runtime.cli.output import note

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_and_reload(target: str, watch: Sequence[Path]) -> int:
    """Runs the service in a child process and restarts it on every change of a file."""
    from watchfiles import PythonFilter, run_process  # noqa: PLC0415 - an extra

    note(f"watching {', '.join(str(path.resolve()) for path in watch)}")
    run_process(
        *watch,
        target=shlex.join(_command(target)),
        target_type="command",
        watch_filter=PythonFilter(extra_extensions=(".bpmn",)),
        callback=lambda changes: note(f"reload: {', '.join(sorted(path for _, path in changes))}"),
    )
    return 0


def run_side_by_side(target: str, count: int) -> int:
    """Runs the service ``count`` times; when one ends the others are told to stop.

    When a process dies, the others are stopped too: whoever runs this command (systemd,
    Kubernetes) restarts the service, and sees the exit code.
    """
    # They do not hear the terminal (_child.py): each signal comes to them from here, once.
    children = [_child(target, number) for number in range(count)]
    told: list[int] = []
    _forward_signals(children, told)
    # Its exit code counts before the others': they end because it did.
    first = _wait_for_first(children)
    if not told:  # a second signal would cut short what is finishing its jobs
        _stop(children)
    codes = [_exit_code(child.wait()) for child in children]
    return first or max(codes)


def _child(target: str, number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(target), env=child_environment(os.environ, number))  # noqa: S603 - our own command


def child_environment(environment: Mapping[str, str], number: int) -> dict[str, str]:
    """The environment of a child: its own port for health; one of them watches Operate."""
    own = dict(environment)
    port = own.get("WORKFLOW_HEALTH_PORT", "")
    if port.isdecimal() and int(port):
        # 0 takes any free port, so it is left to each.
        own["WORKFLOW_HEALTH_PORT"] = str(int(port) + number)
    # Each watcher would tell of the same incidents (docs/how-to/deploy.md).
    if number:
        own["WORKFLOW_OPERATE_WATCH"] = "false"
    return own


def _command(target: str) -> list[str]:
    child = ["-m", "workflow_runtime.cli._child", str(os.getpid())]
    return [sys.executable, *child, "run", target]


def _exit_code(code: int) -> int:
    """The exit code that a shell gives: 128 plus the signal where one ended the process."""
    return code if code >= 0 else 128 - code


def _forward_signals(children: Sequence[subprocess.Popen[bytes]], told: list[int]) -> None:
    def forward(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        for child in children:
            child.send_signal(number)

    for number in _STOP_SIGNALS:
        signal.signal(number, forward)


def _wait_for_first(children: Sequence[subprocess.Popen[bytes]]) -> int:
    # A Popen waits for its own child only, so they take turns.
    while True:
        for child in children:
            try:
                return _exit_code(child.wait(timeout=0.2))
            except subprocess.TimeoutExpired:
                continue


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
