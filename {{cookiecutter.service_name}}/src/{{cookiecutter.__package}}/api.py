"""The HTTP side: outside facts become process instances and events."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from workflow_runtime import EventNotPublished, Workflow

from {{ cookiecutter.__package }}.constants import PROCESS_ID
from {{ cookiecutter.__package }}.events import EmailConfirmed, publish_email_confirmed
from {{ cookiecutter.__package }}.scopes import Registration, UserId


class Started(BaseModel):
    """A process instance has been started."""

    instance_key: str
    """Text: the key has more digits than a JavaScript number holds."""


def create_app(workflow: Workflow) -> FastAPI:
    """The application; ``workflow`` is the service's own, already running."""
    app = FastAPI(title="{{ cookiecutter.service_name }}")

    @app.post("/registrations", status_code=202)
    async def register(registration: Registration) -> Started:
        instance = await workflow.start_process(PROCESS_ID, registration.model_dump())
        return Started(instance_key=str(instance.key))

    @app.post("/registrations/{user_id}/confirmation", status_code=202)
    async def confirm(user_id: UserId) -> None:
        try:
            await publish_email_confirmed(workflow, EmailConfirmed(user_id=user_id))
        except EventNotPublished as error:
            raise HTTPException(503, "the workflow engine is away; try again") from error

    return app
