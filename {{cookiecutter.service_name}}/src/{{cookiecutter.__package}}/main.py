"""Composition root: the one place that knows which adapter stands behind which port."""

{% if cookiecutter.http_api == "fastapi" and cookiecutter.outbox != "none" %}
from functools import partial

{% endif %}
from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
{% if cookiecutter.outbox != "none" %}
from workflow_runtime.publishing.outbox import Outbox
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
{% if cookiecutter.http_api == "fastapi" %}
from {{ cookiecutter.__package }}.server import HttpServer
{% endif %}
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
{% if cookiecutter.http_api == "fastapi" or cookiecutter.outbox != "none" %}


def build_for_production() -> WorkflowBuilder:
    """The service with what tests leave out."""
    settings = Settings()
{% if cookiecutter.outbox != "none" %}
    outbox = Outbox(settings.outbox_url)
{% endif %}
{% if cookiecutter.http_api == "fastapi" and cookiecutter.outbox != "none" %}
    http = HttpServer(partial(create_app, outbox=outbox), settings.http_host, settings.http_port)
    return build(settings, outbox=outbox).with_lifespan_hook(http)
{% elif cookiecutter.http_api == "fastapi" %}
    http = HttpServer(create_app, settings.http_host, settings.http_port)
    return build(settings).with_lifespan_hook(http)
{% else %}
    return build(settings, outbox=outbox)
{% endif %}
{% endif %}
