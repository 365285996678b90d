"""Handlers around the account: classes, their dependencies come by the constructor."""

from {{ cookiecutter.__package }}.ports import Accounts
from {{ cookiecutter.__package }}.scopes import AccountCreated, User


class CreateAccount:
    """Creates the account of a new user."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def handle(self, scope: User) -> AccountCreated:
        """Returns the account's id for the steps that follow."""
        return AccountCreated(account_id=await self._accounts.create(scope.user_id))


class CreateProfile:
    """Gives the account an empty profile."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def handle(self, scope: User) -> None:
        """Adds nothing to the scope."""
        await self._accounts.add_profile(scope.user_id)


class RemoveAccount:
    """Takes back what was created for a user who did not confirm."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def handle(self, scope: User) -> None:
        """Adds nothing to the scope."""
        await self._accounts.remove(scope.user_id)
