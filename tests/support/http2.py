"""The smallest HTTP/2 server: answers each call with one status of HTTP, or breaks it off."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

_HEADERS, _RESET, _SETTINGS, _PING = 1, 3, 4, 6
_ACK, _END_STREAM, _END_HEADERS = 1, 1, 4
_PREFACE = 24


def status(number):
    """What nginx and the like send in the place of an answer of gRPC."""
    # HPACK: a literal without indexing, its name the first of the static table (":status", 8).
    text = str(number).encode()
    return _HEADERS, _END_STREAM | _END_HEADERS, b"\x08" + bytes([len(text)]) + text


def reset(code):
    """What a gateway in Java does with a message above its limit: 8 is CANCEL."""
    return _RESET, 0, code.to_bytes(4, "big")


def _frame(kind, flags, stream, payload=b""):
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


async def _serve(answer, reader, writer):
    await reader.readexactly(_PREFACE)
    writer.write(_frame(_SETTINGS, 0, 0))
    while True:
        head = await reader.readexactly(9)
        payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == _SETTINGS and not flags & _ACK:
            writer.write(_frame(_SETTINGS, _ACK, 0))
        elif kind == _PING and not flags & _ACK:
            writer.write(_frame(_PING, _ACK, 0, payload))
        elif kind == _HEADERS:
            answered, marks, text = answer
            writer.write(_frame(answered, marks, stream, text))


@asynccontextmanager
async def serving(answer):
    """Gives the port on which each call gets ``answer``, as `status` or `reset` make it."""
    lines = set()

    async def serve(reader, writer):
        lines.add(asyncio.current_task())
        # Swallowed: a stream's task must not end as cancelled.
        with contextlib.suppress(
            asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError
        ):
            await _serve(answer, reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)
