"""The command ``workflow`` on a terminal: what a person's screen is sent."""

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import termios

from tests.support.commands import COMMAND, environment


async def on_terminal(*arguments, columns=80, cwd=None, **variables):
    """All that the command writes to a terminal of so many columns, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {"TERM": "xterm-256color", "COLUMNS": columns, **variables}
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *map(str, arguments),
        env=environment(**variables),
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = await asyncio.to_thread(_read_all, ours)
    os.close(ours)
    return await process.wait(), shown.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def _read_all(descriptor):
    found = b""
    # EIO: how Linux says that nobody writes to the terminal any more.
    with contextlib.suppress(OSError):
        while chunk := os.read(descriptor, 65536):
            found += chunk
    return found
