"""Adapters for the tests: the same that the service starts with, and one that fails."""

import pytest

from {{ cookiecutter.__package }}.adapters.memory import LogMailer, MemoryAccounts


class UnreachableMailer:
    """A mail server that is away."""

    async def send(self, user_id: str, template: str, *, message_id: str) -> None:
        """Never sends anything."""
        raise ConnectionError(f"no route to mail server for {template} {user_id} {message_id}")


@pytest.fixture
def accounts() -> MemoryAccounts:
    return MemoryAccounts()


@pytest.fixture
def mailer() -> LogMailer:
    return LogMailer()


@pytest.fixture
def unreachable_mailer() -> UnreachableMailer:
    return UnreachableMailer()
