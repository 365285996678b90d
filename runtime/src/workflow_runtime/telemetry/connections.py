"""Connections of a server that anybody may reach: few at once, and none for long.

What a client does with one (say nothing, half a request, a body without end, many requests at once,
never read the answer) then costs one place of a few, for some seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import cast

from typing_extensions import override

from workflow_runtime._log.lines import write_line

__all__ = ["Connections"]

_MOST = 64
"""Connections at once; of more, the oldest go: a probe is answered long before its turn comes."""
_SECONDS = 10.0
"""For a whole connection: a request, its answer, and reading it."""
_TICK = 1.0
"""Seconds between two looks at what is too old."""
_QUIET = 600.0
"""Seconds between two lines of the log about the same."""


class Connections:
    """Makes the protocol of each connection, as ``create_server`` asks for, and ends them.

    Args:
        make: makes the protocol that does the work; aiohttp's server is such a function.
    """

    def __init__(self, make: Callable[[], asyncio.Protocol]) -> None:
        self._make = make
        self._open: dict[_Connection, float] = {}
        self._told = -_QUIET

    def __call__(self) -> asyncio.Protocol:
        """Makes the protocol of a connection that has just come."""
        return _Connection(self._make(), self)

    def begun(self, connection: _Connection) -> None:
        """Takes a connection; the oldest goes if there is no room."""
        self._open[connection] = time.monotonic()
        if len(self._open) > _MOST:
            self._end(next(iter(self._open)))
            self._tell()

    def ended(self, connection: _Connection) -> None:
        """Lets go of a connection."""
        self._open.pop(connection, None)

    async def end_old_ones(self) -> None:
        """Ends what has lasted too long, until cancelled."""
        while True:
            await asyncio.sleep(_TICK)
            oldest = time.monotonic() - _SECONDS
            for connection, begun in list(self._open.items()):
                if begun < oldest:
                    self._end(connection)

    def _end(self, connection: _Connection) -> None:
        self.ended(connection)
        connection.abort()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= _QUIET:
            self._told = now
            write_line(
                "WARNING",
                "health and metrics: more than {} connections at once, the oldest are closed; "
                "let only probes and Prometheus reach the port",
                _MOST,
            )


class _Connection(asyncio.Protocol):
    """Hands everything on, and tells of its beginning and end."""

    def __init__(self, inner: asyncio.Protocol, all_of_them: Connections) -> None:
        self._all = all_of_them
        self._inner = inner
        self._transport: asyncio.WriteTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._all.begun(self)
        self._inner.connection_made(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._all.ended(self)
        self._inner.connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    @override
    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    @override
    def pause_writing(self) -> None:
        self._inner.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def abort(self) -> None:
        """Ends it at once, whatever is being sent."""
        if self._transport is not None:
            self._transport.abort()
