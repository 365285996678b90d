"""The HTTP side: outside facts become process instances and events."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from workflow_runtime import CommandFailed, EventNotPublished, Workflow
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
from {{ cookiecutter.__package }}.scopes import Registration, UserId


class Started(BaseModel):
    """A process instance has been started."""

    instance_key: str
    """Text: the key has more digits than a JavaScript number holds."""


NOT_STARTED: dict[int | str, dict[str, str]] = {
    503: {"description": "the workflow engine did not take it, nothing was started; try again"},
    504: {
        "description": "the workflow engine gave no answer, it may have been started; look for it "
        "before you send it again"
    },
}
"""What is said of a start that failed; `start_process_once` makes one that can be repeated."""


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

    @app.post("/registrations", status_code=202, responses=NOT_STARTED)
    async def register(registration: Registration) -> Started:
        try:
            instance = await workflow.start_process(PROCESS_ID, registration.model_dump())
        except CommandFailed as error:
            status = 503 if error.executed == "no" else 504
            raise HTTPException(status, NOT_STARTED[status]["description"]) from error
        return Started(instance_key=str(instance.key))

    @app.post("/registrations/{user_id}/confirmation", status_code=202)
    async def confirm(user_id: UserId) -> None:
{% if cookiecutter.outbox != "none" %}
        event = EmailConfirmed(user_id=user_id)
        if outbox is not None:
            await store_email_confirmed(outbox, event)
            return
        try:
            await publish_email_confirmed(workflow, event)
{% else %}
        try:
            await publish_email_confirmed(workflow, EmailConfirmed(user_id=user_id))
{% endif %}
        except EventNotPublished as error:
            raise HTTPException(503, "the workflow engine is away; try again") from error

    return app
