"""Handlers that send mail: they read the task itself, and say when to try again."""

from datetime import timedelta

from workflow_runtime import Retry, WorkflowTask

from {{ cookiecutter.__package }}.ports import Mailer
from {{ cookiecutter.__package }}.scopes import User

MAIL_SERVER_PAUSE = timedelta(seconds=30)


class SendConfirmation:
    """Asks the user to confirm the address."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def handle(self, scope: User, task: WorkflowTask) -> None:
        """Sends the mail once, however often the task is run.

        Raises:
            Retry: the mail server is away.
        """
        try:
            await self._mailer.send(scope.user_id, "confirm", message_id=task.idempotency_key)
        except ConnectionError as error:
            raise Retry(MAIL_SERVER_PAUSE, "the mail server is away") from error


class SendWelcome:
    """Greets the user; reads the scope without a model."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def handle(self, task: WorkflowTask) -> None:
        """Any exception here is tried again as the task's configuration says."""
        user_id = task.get_scope_variable("userId")
        await self._mailer.send(user_id, "welcome", message_id=task.idempotency_key)
