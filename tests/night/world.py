"""What a service talks to besides its engine: a mail server, and accounts that can be spoilt."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter

FINE = "fine"


class World:
    """Two servers on loopback that take a line of JSON and answer with a word.

    ``answers`` has what accounts answer to users whose name begins so: ``die`` ends the service's
    process, ``hang`` never comes back, ``block 90`` blocks its event loop for so many seconds.
    """

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.mails: Counter[str] = Counter()
        """How often each mail arrived, by its message id."""
        self.asked: Counter[str] = Counter()
        """How often each user's account was asked for."""
        self.mail_port = self.port = 0
        self._mail: asyncio.Server | None = None
        self._accounts: asyncio.Server | None = None

    async def start(self) -> None:
        """Both listen."""
        self._accounts = await asyncio.start_server(self._account, "127.0.0.1", 0)
        self.port = self._accounts.sockets[0].getsockname()[1]
        await self.start_mail()

    async def start_mail(self) -> None:
        """The mail server listens, always on the same port."""
        self._mail = await asyncio.start_server(self._send, "127.0.0.1", self.mail_port)
        self.mail_port = self._mail.sockets[0].getsockname()[1]

    def stop_mail(self) -> None:
        """The mail server refuses connections."""
        assert self._mail is not None
        self._mail.close()

    async def stop(self) -> None:
        """Nobody listens."""
        for server in (self._mail, self._accounts):
            if server is not None:
                server.close()

    async def _account(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            said = json.loads(await reader.readline())
            user = said["user"]
            self.asked[user] += 1
            answers = (word for name, word in self.answers.items() if user.startswith(name))
            writer.write(next(answers, FINE).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.mails[json.loads(await reader.readline())["id"]] += 1
            writer.write(FINE.encode() + b"\n")
            await writer.drain()
        writer.close()
