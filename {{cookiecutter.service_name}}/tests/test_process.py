"""The whole process; the clock is moved, nothing is waited for.

On the embedded engine, or on a broker: `pytest --workflow-address http://127.0.0.1:26500`.
"""

from uuid import uuid4

import pytest
from workflow_devkit.testing import ProcessEnvironment, assert_that

from {{ cookiecutter.__package }}.adapters.memory import LogMailer, MemoryAccounts
from {{ cookiecutter.__package }}.diagrams import PROCESS_ID
from {{ cookiecutter.__package }}.events import EmailConfirmed, publish_email_confirmed
from {{ cookiecutter.__package }}.main import build
from {{ cookiecutter.__package }}.scopes import Plan, Registration


@pytest.fixture
def user_id() -> str:
    """Somebody new: a broker remembers the events of earlier tests."""
    return f"ann-{uuid4()}"


def registration(user_id: str, plan: Plan = "standard") -> dict[str, object]:
    """The scope with which a registration starts."""
    return Registration(user_id=user_id, plan=plan, confirmation_timeout="P30D").model_dump()


async def test_a_confirmed_premium_user_gets_a_bonus_and_a_welcome(
    process_environment: ProcessEnvironment,
    accounts: MemoryAccounts,
    mailer: LogMailer,
    user_id: str,
) -> None:
    async with process_environment(build(accounts=accounts, mailer=mailer)) as process:
        instance = await process.start(PROCESS_ID, registration(user_id, "premium"))
        await process.wait_idle()
        assert_that(instance).is_waiting_at("awaitConfirmation").has_no_incident()

        await publish_email_confirmed(process.workflow, EmailConfirmed(user_id=user_id))
        await process.wait_idle()
        assert_that(instance).has_passed("emailConfirmed")

        await process.clock.advance(seconds=1)
        await process.wait_idle()
        assert_that(instance).is_completed().has_passed("grantBonus", "registered")
        assert_that(instance).has_scope(bonus=100, accountId="account-1", channel="link")
    assert sorted(template for _, template in mailer.sent.values()) == ["confirm", "welcome"]


async def test_a_standard_user_gets_no_bonus(
    process_environment: ProcessEnvironment, user_id: str
) -> None:
    async with process_environment(build()) as process:
        instance = await process.start(PROCESS_ID, registration(user_id))
        await publish_email_confirmed(process.workflow, EmailConfirmed(user_id=user_id))
        await process.wait_idle()
        await process.clock.advance(seconds=1)
        await process.wait_idle()
        assert_that(instance).is_completed().has_passed("standard", "registered")
        assert_that(instance).has_not_passed("grantBonus")


async def test_without_confirmation_the_account_is_removed_after_the_timeout(
    process_environment: ProcessEnvironment, accounts: MemoryAccounts, user_id: str
) -> None:
    async with process_environment(build(accounts=accounts)) as process:
        instance = await process.start(PROCESS_ID, registration(user_id))
        await process.wait_idle()
        assert accounts.accounts == {user_id: "account-1"}

        await process.clock.advance(days=30)
        await process.wait_idle()
        assert_that(instance).is_completed().has_passed("confirmationTimedOut", "removeAccount")
    assert accounts.accounts == {}


async def test_a_registration_without_user_goes_on_after_the_incident_is_resolved(
    process_environment: ProcessEnvironment, user_id: str
) -> None:
    async with process_environment(build()) as process:
        instance = await process.start(PROCESS_ID, {"plan": "standard"})
        await process.wait_idle()
        incident = assert_that(instance).has_incident("createAccount")
        await process.workflow.set_scope(instance.key, registration(user_id))
        await process.workflow.resolve_incident(incident.key, job_key=incident.job_key)
        await process.wait_idle()
        assert_that(instance).is_waiting_at("awaitConfirmation")
