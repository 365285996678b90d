"""A TCP line that can be cut, slowed and frozen."""

import asyncio
import contextlib
import socket
import struct

AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: who closes waits for nothing, and the other side gets an RST."""


class Proxy:
    """Passes bytes on to ``port`` of ``host``; ``self.port`` is where clients connect."""

    def __init__(self, port, host="127.0.0.1"):
        self.target = (host, port)
        self.port = 0
        self.delay = 0.0
        self.resets = False
        self._server = None
        self._lines = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def start(self):
        """Listens, always on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self):
        """Closes every line, or resets it if ``resets``, and refuses new ones until `start`."""
        self._server.close()
        lines, self._lines = self._lines, set()
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    def freeze(self):
        """Nothing passes and nothing is closed."""
        self._flowing.clear()

    def thaw(self):
        self._flowing.set()

    async def _serve(self, reader, writer):
        line = asyncio.current_task()
        self._lines.add(line)
        # Swallowed: `cut` cancels, and a stream's task must not end as cancelled.
        with contextlib.suppress(asyncio.CancelledError):
            await self._join(line, reader, writer)

    async def _join(self, line, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pass(reader, far_writer))
                    group.create_task(self._pass(far_reader, writer))
            finally:
                self._close(far_writer)
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._lines.discard(line)
            self._close(writer)

    def _close(self, writer):
        if self.resets:
            # One that is closed already cannot be told.
            with contextlib.suppress(OSError):
                line = writer.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.close()

    async def _pass(self, reader, writer):
        while data := await reader.read(65536):
            await self._flowing.wait()
            await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
