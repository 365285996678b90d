"""How the commands of the control interface are sent: when, how long, and when once more."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar

from workflow_runtime.deployment import Deployment
from workflow_runtime.errors import CommandFailed, ProcessNotFound, WaitTimedOut
from workflow_runtime.gateway.errors import DeadlineExceeded
from workflow_runtime.gateway.retrying import answered, send_command
from workflow_runtime.observers import Observer
from workflow_runtime.own_loop import OwnLoop

__all__ = ["ControlCommands", "Patience", "left", "timing_out"]

Result = TypeVar("Result")
Patience = float | timedelta | None
"""How long a command may take, seconds or a timedelta; None is what the settings say."""


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


def left(end: float) -> timedelta:
    """The time until ``end``, which is monotonic seconds; none if that is over."""
    return timedelta(seconds=max(0.0, end - time.monotonic()))


class ControlCommands:
    """Sends commands after the deployment, and again while they are surely not executed.

    Args:
        deployment: the service's diagrams at the engine.
        observers: are told of each command that is sent again.
        loop: where the gateway lives; commands are sent nowhere else.
        patience: how long a command may take: the wait for the deployment, each answer, resends.
    """

    def __init__(
        self, deployment: Deployment, observers: Observer, loop: OwnLoop, *, patience: timedelta
    ) -> None:
        self._deployment = deployment
        self._observers = observers
        self._loop = loop
        self._patience = patience

    def end(self, patience: Patience = None) -> float:
        """When a command that begins now is given up, in monotonic seconds.

        Args:
            patience: how long it may take.

        Raises:
            WrongPlace: it begins on another event loop than the service's.
        """
        self._loop.check()
        given = self._patience if patience is None else patience
        seconds = given.total_seconds() if isinstance(given, timedelta) else given
        return time.monotonic() + seconds

    async def deployed(self, patience: Patience = None) -> float:
        """Waits until the engine has the service's processes, or has refused them for good.

        Args:
            patience: how long the command may take that waits for this.

        Returns:
            When the command that waited for this is given up, in monotonic seconds.

        Raises:
            CommandFailed: the engine could not be reached in time.
        """
        end = self.end(patience)
        await self._deployment.wait(left(end))
        return end

    async def start(
        self,
        process_id: str,
        call: Callable[[], Awaitable[Result]],
        end: float,
        *,
        held: bool = False,
    ) -> Result:
        """Sends what starts an instance; deploys again if the engine has lost the process.

        Args:
            process_id: the BPMN id of the process.
            call: sends the command once.
            end: when to give up, in monotonic seconds.
            held: whether the answer is that the instance has ended; the call limits this itself.

        Raises:
            ProcessNotFound: no such process is deployed.
            CommandFailed: the engine refused, or could not be reached in time.
        """
        send = partial(self.send, call, ProcessNotFound, idempotent=False, end=end, held=held)
        try:
            return await send()
        except ProcessNotFound as error:
            if reason := self._deployment.why_missing(process_id):
                text = f"{error}: the engine has refused it: {reason}"
                raise ProcessNotFound(text, status=error.status, executed="no") from None
            # The engine came back without its data before anybody noticed.
            if not await self._deployment.renew(process_id, left(end)):
                raise
        await self._deployment.wait(left(end))
        return await send()

    async def send(
        self,
        call: Callable[[], Awaitable[Result]],
        not_found: type[CommandFailed] = CommandFailed,
        *,
        idempotent: bool = True,
        end: float | None = None,
        held: bool = False,
    ) -> Result:
        """Sends a command.

        Args:
            call: sends it once.
            not_found: what is raised if the engine does not know what it is about.
            idempotent: whether sending it twice does no harm; else it is sent again only while
                it surely was not executed.
            end: when to give up, in monotonic seconds; None is after this object's patience.
            held: whether the gateway keeps the call for something; the call limits this itself.

        Raises:
            CommandFailed: the engine refused, or could not be reached in time.
        """
        until = self.end() if end is None else end
        return await send_command(
            call if held else partial(answered, call, until),
            until=until,
            idempotent=idempotent,
            not_found=not_found,
            notice=lambda error: self._observers.command_resent("control", error.status),
        )
