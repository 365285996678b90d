"""Composition root: the one place that knows which adapter stands behind which port."""

{% if cookiecutter.http_api == "fastapi" %}
import asyncio
import signal
from types import FrameType

import uvicorn
{% endif %}
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
{% if cookiecutter.outbox != "none" %}
from workflow_runtime.publishing.outbox import Outbox
{% endif %}
{% if cookiecutter.http_api == "fastapi" %}
from workflow_runtime.telemetry.logs import setup_logging
{% endif %}

from {{ cookiecutter.__package }}.adapters.memory import LogMailer, MemoryAccounts
{% if cookiecutter.http_api == "fastapi" %}
from {{ cookiecutter.__package }}.api import create_app
{% endif %}
from {{ cookiecutter.__package }}.constants import Task
from {{ cookiecutter.__package }}.diagrams import DIAGRAM
from {{ cookiecutter.__package }}.handlers.accounts import (
    CreateAccount,
    CreateProfile,
    RemoveAccount,
)
from {{ cookiecutter.__package }}.handlers.bonus import grant_bonus
from {{ cookiecutter.__package }}.handlers.mails import SendConfirmation, SendWelcome
from {{ cookiecutter.__package }}.ports import Accounts, Mailer
from {{ cookiecutter.__package }}.settings import SERVICE_NAME, Settings


def build(
    settings: Settings | None = None,
    *,
    accounts: Accounts | None = None,
    mailer: Mailer | None = None,
{% if cookiecutter.outbox != "none" %}
    outbox: Outbox | None = None,
{% endif %}
) -> WorkflowBuilder:
    """Wires the service; tests pass their own adapters."""
    settings = settings or Settings()
    accounts = accounts or MemoryAccounts()
    mailer = mailer or LogMailer()
    mails = TaskHandlerConfig(incident_max_retries=settings.mail_retries)

    builder = WorkflowBuilder.from_settings(
        # Without ZEEBE_ADDRESS it does not start: an engine in memory would forget everything.
        WorkflowSettings(_env_file=".env", service_name=SERVICE_NAME, require_address=True)
    )
    builder.with_process(DIAGRAM)
    builder.with_handler(Task.CREATE_ACCOUNT, CreateAccount(accounts).handle)
    builder.with_handler(Task.SEND_CONFIRMATION, SendConfirmation(mailer).handle, mails)
    builder.with_handler(Task.CREATE_PROFILE, CreateProfile(accounts).handle)
    builder.with_handler(Task.GRANT_BONUS, grant_bonus)
    builder.with_handler(Task.SEND_WELCOME, SendWelcome(mailer).handle, mails)
    builder.with_handler(Task.REMOVE_ACCOUNT, RemoveAccount(accounts).handle)
{% if cookiecutter.outbox != "none" %}
    if outbox is not None:
        builder.with_outbox(outbox, create_table=True)
{% endif %}
    return builder


{% if cookiecutter.http_api == "fastapi" %}
async def serve(settings: Settings) -> None:
    """Serves HTTP and works on tasks, until SIGTERM or SIGINT; then lets running tasks finish."""
{% if cookiecutter.outbox != "none" %}
    outbox = Outbox(settings.outbox_url)
    builder = build(settings, outbox=outbox)
{% else %}
    builder = build(settings)
{% endif %}
    setup_logging(builder.settings)
    async with builder.running() as workflow:
{% if cookiecutter.outbox != "none" %}
        app = create_app(workflow, outbox)
{% else %}
        app = create_app(workflow)
{% endif %}
        # Its lines go where all others go.
        config = uvicorn.Config(
            app, host=settings.http_host, port=settings.http_port, log_config=None
        )
        await uvicorn.Server(config).serve()


def already_stopping(_number: int, _frame: FrameType | None) -> None:
    """Uvicorn repeats the signal that stopped it; by then running tasks are finishing."""


def main() -> None:
    """Runs the service until it is told to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, already_stopping)
    asyncio.run(serve(Settings()))
{% else %}
def main() -> None:
    """Runs the service until it is told to stop (SIGTERM, SIGINT)."""
{% if cookiecutter.outbox != "none" %}
    settings = Settings()
    build(settings, outbox=Outbox(settings.outbox_url)).serve()
{% else %}
    build().serve()
{% endif %}
{% endif %}
