"""The lines to one gateway: some for what is answered at once, others for what is kept waiting.

A line is a connection of HTTP/2, and carries as many calls at once as the other side allows: 100
at many proxies, 128 at nginx, no limit at Zeebe itself. A call beyond waits inside of gRPC, without
a word, until another one has ended: ten seconds where all are long polls. The limit cannot be
read, so it is found out: a line takes one more call only if a question beside those it has is
answered at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.channel import open_channel
from workflow_runtime.gateway.grpc_credentials import Credentials
from workflow_runtime.gateway.protocol import stub

__all__ = ["Line", "Lines"]

_SURE = 1
"""Calls that every line carries at once."""
_MOST = 64
"""Calls that a line is asked to carry: more would save no connection worth a word."""
_SPARE = 2
"""Calls that a line carries less than it could."""
_MANY = 16
"""Lines for commands; beyond, each carries more."""
_AGAIN = 1.0
"""Seconds between two looks for the address of a name."""
_FAREWELL = 10.0
"""Seconds that calls have on a channel that another one has replaced."""


class Line:
    """One channel; ``calls`` are those of the protocol, ``busy`` how many are under way."""

    def __init__(self, address: Address, credentials: Credentials) -> None:
        self._address, self._credentials = address, credentials
        self._closing: set[asyncio.Task[None]] = set()
        self.busy = 0
        self._open()

    def _open(self) -> None:
        # Before they are read: what is replaced meanwhile has another stamp.
        stamp = self._credentials.stamp()
        self._channel = open_channel(self._address, self._credentials)
        self.calls: Any = stub(self._channel)
        self._opened, self._stamp = time.monotonic(), stamp

    def renew_if_replaced(self) -> None:
        """Connects with new certificates where files were replaced: gRPC keeps those it has."""
        if self._stamp != self._credentials.stamp():
            # A file that is missing this moment is looked for at the next failure.
            with contextlib.suppress(OSError):
                self.renew()

    def renew(self) -> None:
        """Looks for the gateway anew: its name had no address, or there are new certificates.

        gRPC asks again too, but at last every two minutes only, and cannot be told otherwise.

        Raises:
            OSError: a file of certificates cannot be read; all stays as it is.
        """
        if time.monotonic() - self._opened < _AGAIN:
            return
        channel = self._channel
        self._open()
        old = asyncio.get_running_loop().create_task(channel.close(_FAREWELL))
        self._closing.add(old)
        old.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Ends its calls."""
        for each in self._closing:
            each.cancel()
        await self._channel.close()


class Lines:
    """All lines of one gateway, opened as they are needed: a channel belongs to its loop.

    Args:
        address: where the gateway is.
        credentials: whom we trust.
        has_room: asks whether a line would carry one call more; None: the gateway is away.
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials,
        has_room: Callable[[Line], Awaitable[bool | None]],
    ) -> None:
        self._address, self._credentials = address, credentials
        self._has_room = has_room
        self._commands: list[Line] = []
        self._waiting: list[Line] = []
        self._limit, self._room = _MOST, _SURE
        self._growing = asyncio.Lock()

    def for_command(self) -> Line:
        """A line for a call that is answered at once."""
        for line in self._commands:
            if line.busy < self._limit:
                return line
        if len(self._commands) < _MANY:
            self._commands.append(self._make())
            return self._commands[-1]
        return min(self._commands, key=lambda line: line.busy)

    def crowded(self, line: Line) -> None:
        """Notes that the other side has turned a call away: it is one too many."""
        self._limit = max(_SURE, min(self._limit, line.busy * 3 // 4))
        self._room = min(self._room, self._limit)

    def _make(self) -> Line:
        return Line(self._address, self._credentials)

    async def for_waiting(self) -> Line:
        """A line for a call that is kept waiting."""
        return self._free() or await self._more_room()

    def _free(self) -> Line | None:
        return next((line for line in self._waiting if line.busy < self._room), None)

    async def _more_room(self) -> Line:
        async with self._growing:
            found = self._free()
            if found is not None:
                return found
            if self._waiting and self._room < self._limit:
                room = await self._has_room(self._waiting[-1])
                if room is not False:
                    # Where the gateway is away, the call will find out.
                    self._room += bool(room)
                    return self._waiting[-1]
                # Some are left for calls that have ended here, and not yet on the other side.
                self._limit = self._room = max(_SURE, self._room - _SPARE)
            self._waiting.append(self._make())
            return self._waiting[-1]

    async def close(self) -> None:
        """Ends all calls."""
        await asyncio.gather(*(line.close() for line in (*self._commands, *self._waiting)))
