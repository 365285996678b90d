"""Sending events until the engine has taken them, or the time is up."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial

from workflow_runtime._log.repeats import Repeats
from workflow_runtime.errors import CommandFailed, ConfigurationError, EventNotPublished
from workflow_runtime.gateway.errors import (
    AlreadyExists,
    Closed,
    GatewayError,
    TransientGatewayError,
)
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.retrying import (
    Doubts,
    again_if_idempotent,
    again_if_not_executed,
    answered,
    resend,
)
from workflow_runtime.gateway.values import Scope
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.model import Event, PublishedEvent

__all__ = ["Publisher", "remembered"]

Sending = Callable[[str, str, Scope], AbstractContextManager[Scope]]


def remembered(start: Event) -> Event:
    """Checks the event of a start that must not happen twice.

    Args:
        start: its key and id are the start id.

    Returns:
        The event, which the engine will know again.

    Raises:
        ConfigurationError: there is no start id, or no time to live to know it for.
    """
    if not start.correlation_key:
        raise ConfigurationError(f"event {start.name}: the start id is empty; give it one")
    if start.time_to_live <= timedelta(0):
        raise ConfigurationError(
            f"event {start.name}: a start id is known for the time to live, and there is none; "
            "give one as long as the start may be asked for again"
        )
    return start


class Publisher:
    """Publishes events at one gateway.

    Args:
        gateway: where events go.
        observers: are told what became of each event.
        patience: how long an event is tried, if the call does not say.
        sending: entered with "publish", the event's name and its scope while it is sent; gives
            the scope with what is not the event's content, such as the trace's context.
        ready: awaited before an event is sent, with the time that it may take: an event that
            comes before the processes of its service reaches nobody. Raises `CommandFailed`.
    """

    def __init__(
        self,
        gateway: Gateway,
        observers: Observer,
        *,
        patience: timedelta,
        sending: Sending = lambda _what, _name, scope: nullcontext(scope),
        ready: Callable[[timedelta], Awaitable[None]] | None = None,
    ) -> None:
        self._gateway = gateway
        self._repeats = Repeats()
        self._observers = observers
        self._patience = patience
        self._sending = sending
        self._ready = ready

    async def publish(
        self, event: Event, patience: timedelta | None = None, *, once: bool = False
    ) -> PublishedEvent:
        """Sends one event until the engine has it, refuses it, or the time is over.

        Args:
            event: what to send.
            patience: how long it may take, answers and further tries included; None takes the
                publisher's own.
            once: whether a transient answer is the end of it, and no other try follows.

        Returns:
            What became of it; an id that the engine still keeps is success too: ``duplicate``,
            which is logged and counted.

        Raises:
            EventNotPublished: the engine could not be reached in time; holds the event.
            CommandFailed: the engine refused it; it would refuse it again.
        """
        try:
            given = self._patience if patience is None else patience
            outcome = await self._outcome(event, given, once=once)
        except (EventNotPublished, CommandFailed):
            self._observers.event_published(event.name, "failed")
            raise
        self._observers.event_published(event.name, outcome.outcome)
        return outcome

    async def _outcome(self, event: Event, patience: timedelta, *, once: bool) -> PublishedEvent:
        until = time.monotonic() + patience.total_seconds()
        await self._wait(event, patience)
        doubts = Doubts(lambda e: self._observers.command_resent("PublishMessage", e.status))
        try:
            with self._sending("publish", event.name, event.scope) as scope:
                return await self._sent(event, scope, until, doubts, once=once)
        except TransientGatewayError as error:
            within = f"within {patience.total_seconds():.3g} s: {error.status}"
            reason = f": {error.message}" if isinstance(error, Closed) else f" {within}"
            raise EventNotPublished(
                f"event {event.name} was not published{reason}; it is in this error's `event`",
                event=event,
                executed=doubts.executed(error),
            ) from error
        except GatewayError as error:
            raise CommandFailed(
                f"event {event.name}: {error.message or error.status}",
                status=error.status,
                executed=doubts.executed(error),
            ) from error

    async def _wait(self, event: Event, patience: timedelta) -> None:
        if self._ready is None:
            return
        try:
            await self._ready(patience)
        except CommandFailed as error:
            raise EventNotPublished(
                f"event {event.name} was not published: {error}; it is in this error's `event`",
                event=event,
                executed="no",
            ) from error

    async def _sent(
        self, event: Event, scope: Scope, until: float, doubts: Doubts, *, once: bool
    ) -> PublishedEvent:
        try:
            await self._send(event, scope, until, doubts, once=once)
        except AlreadyExists:
            # An id that nobody else has: a try of this call was taken, and its answer was lost.
            if not event.new:
                text = "event {} ({}) is a duplicate: the engine keeps one with this id"
                self._repeats.say(event.name, "INFO", text, event.name, event.event_id)
                return PublishedEvent(event.name, event.event_id, "duplicate")
        return PublishedEvent(event.name, event.event_id, "published")

    async def _send(
        self, event: Event, scope: Scope, until: float, doubts: Doubts, *, once: bool
    ) -> None:
        # Without a time to live the engine keeps no id that could recognise a repetition
        # (semantics#message-id).
        kept = event.time_to_live > timedelta(0)
        again = again_if_idempotent if kept else again_if_not_executed
        call = partial(
            self._gateway.publish_message,
            event.name,
            event.correlation_key,
            scope,
            time_to_live=event.time_to_live,
            message_id=event.event_id,
        )
        await resend(
            lambda: answered(call, until),
            until=lambda: until,
            judge=lambda error: not once and again(error),
            notice=doubts,
        )
