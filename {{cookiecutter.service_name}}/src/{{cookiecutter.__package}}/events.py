"""Events that this service tells the process about, typed."""

from typing import Literal

{% if cookiecutter.outbox != "none" %}
from sqlalchemy.ext.asyncio import AsyncConnection
{% endif %}
from workflow_runtime import Workflow, WorkflowEvent
{% if cookiecutter.outbox != "none" %}
from workflow_runtime.publishing.outbox import Outbox
{% endif %}

from {{ cookiecutter.__package }}.constants import Event
from {{ cookiecutter.__package }}.scopes import User


class EmailConfirmed(User, WorkflowEvent):
    """The user followed the link, or typed the code, of the confirmation e-mail."""

    event_name = Event.EMAIL_CONFIRMED
    key_field = "user_id"

    channel: Literal["link", "code"] = "link"


async def publish_email_confirmed(
    workflow: Workflow, event: EmailConfirmed, *, command_timeout: float | None = None
) -> None:
    """Lets the registration of this user go on; a repeated event changes nothing."""
    event_id = f"{event.event_name}-{event.user_id}"
    await workflow.publish_event(event, event_id=event_id, command_timeout=command_timeout)
{% if cookiecutter.outbox != "none" %}


async def store_email_confirmed(outbox: Outbox, event: EmailConfirmed) -> None:
    """The same, surviving a crash: sent once the transaction has committed.

    Raises OutboxUnavailable, within two seconds, where the database cannot do it.
    """

    async def store(transaction: AsyncConnection) -> None:
        # What else has to be stored about this fact belongs here.
        await outbox.publish(transaction, event, event_id=f"{event.event_name}-{event.user_id}")

    await outbox.transact(store)
{% endif %}
