"""Events that this service tells the process about, typed."""

from typing import ClassVar, Literal

from workflow_runtime import Workflow

from {{ cookiecutter.__package }}.constants import Event
from {{ cookiecutter.__package }}.scopes import User


class EmailConfirmed(User):
    """The user followed the link, or typed the code, of the confirmation e-mail."""

    name: ClassVar[Event] = Event.EMAIL_CONFIRMED

    channel: Literal["link", "code"] = "link"


async def publish_email_confirmed(workflow: Workflow, event: EmailConfirmed) -> None:
    """Lets the registration of this user go on; a repeated event changes nothing."""
    await workflow.publish_event(
        event.name,
        correlation_key=event.user_id,
        scope={"channel": event.channel},
        event_id=f"{event.name}-{event.user_id}",
    )
