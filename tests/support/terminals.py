"""The command ``workflow`` on a terminal: what a person's screen is sent."""

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from tests.support.commands import COMMAND, environment

from workflow_runtime.cli import main


async def on_terminal(*arguments, columns=80, cwd=None, **variables):
    """All that the command writes to a terminal of so many columns, and its exit code."""
    ours, theirs = _terminal(columns)
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *map(str, arguments),
        env=_variables(columns, variables),
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = await asyncio.to_thread(_read_all, ours)
    return await process.wait(), shown


def in_terminal(*arguments, columns=80, cwd=None, **variables):
    """Runs `workflow` at a terminal, in this process; for verbs that import no file of a user."""
    ours, theirs = _terminal(columns)
    with ThreadPoolExecutor(1) as pool:
        shown = pool.submit(_read_all, ours)
        # Closed in the end, or the thread would read for ever.
        with os.fdopen(theirs, "r+b", buffering=0) as raw:
            code = _exit_code(raw.fileno(), arguments, cwd, _variables(columns, variables))
        return code, shown.result()


def _exit_code(terminal, arguments, cwd, variables):
    with (
        open(terminal, encoding="utf-8", closefd=False) as stdin,
        open(terminal, "w", encoding="utf-8", closefd=False) as stdout,
        patch.dict(os.environ, variables, clear=True),
        patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stdout, path=list(sys.path)),
        patch.object(sys, "argv", ["workflow", *map(str, arguments)]),
        contextlib.chdir(cwd or "."),
    ):
        try:
            main()
        except SystemExit as end:
            return end.code or 0
    raise AssertionError("the command always ends with an exit code")


def _terminal(columns):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    return ours, theirs


def _variables(columns, more):
    return environment(**{"TERM": "xterm-256color", "COLUMNS": columns, **more})


def _read_all(descriptor):
    found = b""
    # EIO: how Linux says that nobody writes to the terminal any more.
    with contextlib.suppress(OSError):
        while chunk := os.read(descriptor, 65536):
            found += chunk
    os.close(descriptor)
    return found.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
