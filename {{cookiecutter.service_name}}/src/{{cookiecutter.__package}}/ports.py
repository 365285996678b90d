"""What the handlers ask of the world; adapters answer, tests bring their own."""

from typing import Protocol


class Accounts(Protocol):
    """Where accounts live. Every method may be called again for the same user."""

    async def create(self, user_id: str) -> str:
        """Creates the account, or finds it; returns its id."""

    async def add_profile(self, user_id: str) -> None:
        """Adds an empty profile."""

    async def remove(self, user_id: str) -> None:
        """Removes account and profile, if they are there."""


class Mailer(Protocol):
    """Sends e-mail; the address is looked up when it is sent, the process does not hold it."""

    async def send(self, user_id: str, template: str, *, message_id: str) -> None:
        """Sends a mail once per ``message_id``.

        Raises:
            ConnectionError: the mail server is away; trying again later helps.
        """
