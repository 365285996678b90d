"""Accounts in memory and mail in the log: enough to start with, and for tests."""

from loguru import logger


class MemoryAccounts:
    """Keeps accounts as long as the process lives."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}
        self.profiles: set[str] = set()

    async def create(self, user_id: str) -> str:
        """Creates the account, or finds it; returns its id."""
        return self.accounts.setdefault(user_id, f"account-{len(self.accounts) + 1}")

    async def add_profile(self, user_id: str) -> None:
        """Adds an empty profile."""
        self.profiles.add(user_id)

    async def remove(self, user_id: str) -> None:
        """Removes account and profile, if they are there."""
        self.accounts.pop(user_id, None)
        self.profiles.discard(user_id)


class LogMailer:
    """Writes a line for each mail instead of sending it."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str]] = {}

    async def send(self, user_id: str, template: str, *, message_id: str) -> None:
        """Sends a mail once per ``message_id``."""
        if message_id not in self.sent:
            self.sent[message_id] = (user_id, template)
            logger.info("mail {!r} sent", template)
