"""How the commands of the control interface are sent: when, how long, and when once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from workflow_runtime.deployment import Deployment
from workflow_runtime.errors import CommandFailed, ProcessNotFound, WaitTimedOut
from workflow_runtime.gateway.errors import DeadlineExceeded
from workflow_runtime.gateway.retrying import send_command
from workflow_runtime.observers import Observer

__all__ = ["ControlCommands", "timing_out"]

Result = TypeVar("Result")


@contextmanager
def timing_out(process_id: str, patience: timedelta) -> Iterator[None]:
    """Surrounds the wait for the end of an instance.

    Args:
        process_id: what was started.
        patience: how long it is waited for.

    Raises:
        WaitTimedOut: no answer came in that time.
    """
    try:
        yield
    except CommandFailed as error:
        if error.status != DeadlineExceeded.code or error.executed == "no":
            raise
        raise WaitTimedOut(
            f"{process_id} did not complete within {patience}; it goes on running, if it was "
            "started: look before you start it again"
        ) from error


class ControlCommands:
    """Sends commands after the deployment, and again while they are surely not executed.

    Args:
        deployment: the service's diagrams at the engine.
        observers: are told of each command that is sent again.
        patience: how long a command is tried, resends included.
    """

    def __init__(self, deployment: Deployment, observers: Observer, *, patience: timedelta) -> None:
        self._deployment = deployment
        self._observers = observers
        self._patience = patience

    async def deployed(self) -> None:
        """Waits until the engine has the service's processes, or has refused them for good.

        Raises:
            CommandFailed: the engine could not be reached in time.
        """
        await self._deployment.wait(self._patience)

    async def start(self, process_id: str, call: Callable[[], Awaitable[Result]]) -> Result:
        """Sends what starts an instance; deploys again if the engine has lost the process.

        Args:
            process_id: the BPMN id of the process.
            call: sends the command once.

        Raises:
            ProcessNotFound: no such process is deployed.
            CommandFailed: the engine refused, or could not be reached in time.
        """
        try:
            return await self.send(call, ProcessNotFound, idempotent=False)
        except ProcessNotFound:
            # The engine came back without its data before anybody noticed.
            if not await self._deployment.renew(process_id, self._patience):
                raise
        await self.deployed()
        return await self.send(call, ProcessNotFound, idempotent=False)

    async def send(
        self,
        call: Callable[[], Awaitable[Result]],
        not_found: type[CommandFailed] = CommandFailed,
        *,
        idempotent: bool = True,
    ) -> Result:
        """Sends a command.

        Args:
            call: sends it once.
            not_found: what is raised if the engine does not know what it is about.
            idempotent: whether sending it twice does no harm; else it is sent again only while
                it surely was not executed.

        Raises:
            CommandFailed: the engine refused, or could not be reached in time.
        """
        return await send_command(
            call,
            patience=self._patience,
            idempotent=idempotent,
            not_found=not_found,
            notice=lambda error: self._observers.command_resent("control", error.status),
        )
