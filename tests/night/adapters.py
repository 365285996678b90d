"""Adapters of the generated service for this night, in place of those in memory.

They ask `tests.night.world`, over TCP, what to do.
"""

import asyncio
import json
import os
import signal
import time

ADDRESS = {name: os.environ[f"NIGHT_{name}"].rpartition(":") for name in ("MAIL", "ACCOUNTS")}


async def ask(server: str, **question: str) -> str:
    """Sends a question; raises ConnectionError where nobody listens."""
    host, _, port = ADDRESS[server]
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(json.dumps(question).encode() + b"\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


class MemoryAccounts:
    """Creates an account as the world wants it."""

    async def create(self, user_id: str) -> str:
        """Creates the account; returns its id."""
        what, _, seconds = (await ask("ACCOUNTS", user=user_id)).partition(" ")
        if what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "hang":
            await asyncio.Event().wait()
        if what == "slow":
            await asyncio.sleep(float(seconds))
        if what == "block":
            time.sleep(float(seconds))  # noqa: ASYNC251 - a handler that does not know better
        return f"account-{user_id}"

    async def add_profile(self, user_id: str) -> None:
        """Adds an empty profile."""

    async def remove(self, user_id: str) -> None:
        """Removes account and profile, if they are there."""


class LogMailer:
    """Sends mails to the world's mail server."""

    async def send(self, user_id: str, template: str, *, message_id: str) -> None:
        """Sends a mail once per ``message_id``."""
        await ask("MAIL", user=user_id, template=template, id=message_id)
