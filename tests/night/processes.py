"""Processes of a night: what they print is kept, line by line, with its time."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 150.0
"""Seconds for the start of a process: the others start at the same time, on two cores."""
_BELOW_EPHEMERAL = 32_000
"""Ports from here on are given to outgoing connections (Linux: 32768 to 60999)."""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def _ports() -> Iterator[int]:
    # By chance: two nights at once shall not meet.
    first = random.randrange(15_000, 25_000)
    for port in itertools.islice(itertools.count(first), _BELOW_EPHEMERAL - first):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


_free = _ports()


def free_port() -> int:
    """A port that nobody listens on; never the same twice, and none of outgoing connections."""
    return next(_free)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log: when it was read, from which process, how loud, what."""

    at: float
    source: str
    level: str
    text: str

    @property
    def loud(self) -> bool:
        """Whether it asks for attention: WARNING or more."""
        return self.level in _LEVELS[2:]


@dataclass(slots=True)
class Running:
    """A process and what it has said."""

    name: str
    process: asyncio.subprocess.Process
    log: Path | None = None
    lines: list[Line] = field(default_factory=list)
    _reader: asyncio.Task[None] | None = None

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal; one that has ended gets none."""
        if self.process.returncode is None:
            self.process.send_signal(number)

    async def stop(self, patience: float = 45) -> None:
        """Ends it as Kubernetes does: SIGTERM, patience, SIGKILL."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), patience)
        except TimeoutError:
            self.signal(signal.SIGKILL)
        await self.gone()

    async def gone(self) -> int:
        """Waits for its end; the exit code."""
        code = await self.process.wait()
        if self._reader is not None:
            await self._reader
        return code

    async def read(self) -> None:
        """Keeps its lines until it ends."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if self.log is not None:
                with self.log.open("ab") as file:
                    file.write(line)
            if text := line.decode(errors="replace").rstrip():
                self.lines.append(_line(self.name, text))


def _line(name: str, text: str) -> Line:
    now = time.time()
    try:
        read: dict[str, Any] = json.loads(text)
        # Of an exception the last line: which it is.
        cause = str(read.get("exception") or "").strip().rpartition("\n")[2]
        words = f"{read.get('message', '')} {cause}".strip()
        return Line(now, name, read.get("level", ""), words)
    except (ValueError, AttributeError):
        # Not of the service's log: a traceback, a word of Python or of gRPC.
        return Line(now, name, "ERROR" if "Traceback" in text else "", text)


async def started(
    name: str,
    command: Sequence[object],
    env: Mapping[str, str],
    cwd: Path | None = None,
    log: Path | None = None,
) -> Running:
    """Starts a process; stdout and stderr are one, kept in ``log`` besides."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        env=dict(env),
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**20,
    )
    running = Running(name, process, log)
    running._reader = asyncio.create_task(running.read())
    return running
