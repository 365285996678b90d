"""The HTTP side: outside facts become process instances and events."""

from fastapi import FastAPI
from pydantic import BaseModel
from workflow_runtime import Workflow
{% if cookiecutter.outbox != "none" %}
from workflow_runtime.publishing.outbox import Outbox
{% endif %}

from {{ cookiecutter.__package }}.diagrams import PROCESS_ID
{% if cookiecutter.outbox != "none" %}
from {{ cookiecutter.__package }}.events import (
    EmailConfirmed,
    publish_email_confirmed,
    store_email_confirmed,
)
{% else %}
from {{ cookiecutter.__package }}.events import EmailConfirmed, publish_email_confirmed
{% endif %}
from {{ cookiecutter.__package }}.problems import add_problems, responses
from {{ cookiecutter.__package }}.scopes import Registration, UserId


class Started(BaseModel):
    """A process instance has been started."""

    instance_key: str
    """Text: the key has more digits than a JavaScript number holds."""


ANSWERS_WITHIN = 3.0
"""Seconds for the workflow engine, in a request that somebody waits for."""


{% if cookiecutter.outbox != "none" %}
def create_app(workflow: Workflow, outbox: Outbox | None = None) -> FastAPI:
    """The application; ``workflow`` is the service's own, already running.

    With an outbox events are taken even while the engine is away.
    """
{% else %}
def create_app(workflow: Workflow) -> FastAPI:
    """The application; ``workflow`` is the service's own, already running."""
{% endif %}
    app = FastAPI(title="{{ cookiecutter.service_name }}")
    add_problems(app)

    # 504: it may have been started; `start_process_once` makes a start that can be repeated.
    @app.post("/registrations", status_code=202, responses=responses(503, 504))
    async def register(registration: Registration) -> Started:
        instance = await workflow.start_process(
            PROCESS_ID, registration.model_dump(), command_timeout=ANSWERS_WITHIN
        )
        return Started(instance_key=str(instance.key))

    @app.post("/registrations/{user_id}/confirmation", status_code=202, responses=responses(503))
    async def confirm(user_id: UserId) -> None:
        event = EmailConfirmed(user_id=user_id)
{% if cookiecutter.outbox != "none" %}
        if outbox is not None:
            await store_email_confirmed(outbox, event)
            return
{% endif %}
        await publish_email_confirmed(workflow, event, command_timeout=ANSWERS_WITHIN)

    return app
