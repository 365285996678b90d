"""Each handler by itself: no engine, no network."""

from datetime import timedelta

from workflow_devkit.testing import TaskEnvironment

from {{ cookiecutter.__package }}.adapters.memory import LogMailer, MemoryAccounts
from {{ cookiecutter.__package }}.handlers.accounts import (
    CreateAccount,
    CreateProfile,
    RemoveAccount,
)
from {{ cookiecutter.__package }}.handlers.bonus import grant_bonus
from {{ cookiecutter.__package }}.handlers.mails import SendConfirmation, SendWelcome
from {{ cookiecutter.__package }}.ports import Mailer


async def test_creating_an_account_twice_gives_the_same_id(
    task_environment: TaskEnvironment, accounts: MemoryAccounts
) -> None:
    handler = CreateAccount(accounts).handle
    first = await task_environment.run(handler, scope={"userId": "ann"})
    second = await task_environment.run(handler, scope={"userId": "ann"})
    assert first.kind == "completed"
    assert first.scope == second.scope == {"accountId": "account-1"}


async def test_a_missing_user_id_is_an_incident_that_names_it(
    task_environment: TaskEnvironment, accounts: MemoryAccounts
) -> None:
    outcome = await task_environment.run(CreateAccount(accounts).handle, scope={})
    assert outcome.kind == "incident"
    assert "userId" in outcome.message
    assert accounts.accounts == {}


async def test_removing_an_account_takes_its_profile_along(
    task_environment: TaskEnvironment, accounts: MemoryAccounts
) -> None:
    for handler in (CreateAccount, CreateProfile, RemoveAccount):
        outcome = await task_environment.run(handler(accounts).handle, scope={"userId": "ann"})
        assert outcome.kind == "completed"
    assert accounts.accounts == {}
    assert accounts.profiles == set()


async def test_the_confirmation_mail_is_sent_to_the_user(
    task_environment: TaskEnvironment, mailer: LogMailer
) -> None:
    outcome = await task_environment.run(SendConfirmation(mailer).handle, scope={"userId": "ann"})
    assert outcome.kind == "completed"
    assert list(mailer.sent.values()) == [("ann", "confirm")]


async def test_a_mail_server_that_is_away_is_tried_again_later(
    task_environment: TaskEnvironment, unreachable_mailer: Mailer
) -> None:
    outcome = await task_environment.run(
        SendConfirmation(unreachable_mailer).handle, scope={"userId": "ann"}
    )
    assert outcome.kind == "retry"
    assert outcome.delay == timedelta(seconds=30)
    assert outcome.message.startswith("the mail server is away\ncaused by ConnectionError: ")


async def test_the_welcome_mail_needs_a_user(
    task_environment: TaskEnvironment, mailer: LogMailer
) -> None:
    outcome = await task_environment.run(SendWelcome(mailer).handle, scope={})
    assert outcome.kind == "incident"
    assert outcome.message == "missed userId in process scope"


async def test_premium_brings_a_bonus(task_environment: TaskEnvironment) -> None:
    outcome = await task_environment.run(grant_bonus, scope={"userId": "ann", "plan": "premium"})
    assert outcome.scope == {"bonus": 100}


async def test_a_plan_without_bonus_is_an_incident(task_environment: TaskEnvironment) -> None:
    outcome = await task_environment.run(grant_bonus, scope={"userId": "ann", "plan": "standard"})
    assert outcome.kind == "incident"
    assert "isPremium" in outcome.message
