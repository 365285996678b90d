"""Sending events until the engine has taken them, or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

from loguru import logger

from workflow_runtime.errors import CommandFailed, ConfigurationError, EventNotPublished
from workflow_runtime.gateway.errors import AlreadyExists, GatewayError, TransientGatewayError
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.retrying import (
    Doubts,
    again_if_idempotent,
    again_if_not_executed,
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
    """

    def __init__(
        self,
        gateway: Gateway,
        observers: Observer,
        *,
        patience: timedelta,
        sending: Sending = lambda _what, _name, scope: nullcontext(scope),
    ) -> None:
        self._gateway = gateway
        self._observers = observers
        self._patience = patience
        self._sending = sending

    async def publish(self, event: Event, patience: timedelta | None = None) -> PublishedEvent:
        """Sends one event until the engine has it, refuses it, or the time is over.

        Args:
            event: what to send.
            patience: for how long transient answers are followed by another try; None takes the
                publisher's own.

        Returns:
            What became of it; an id that the engine still keeps is success too: ``duplicate``,
            which is logged and counted.

        Raises:
            EventNotPublished: the engine could not be reached in time; holds the event.
            CommandFailed: the engine refused it; it would refuse it again.
        """
        try:
            outcome = await self._outcome(event, patience or self._patience)
        except (EventNotPublished, CommandFailed):
            self._observers.event_published(event.name, "failed")
            raise
        self._observers.event_published(event.name, outcome.outcome)
        return outcome

    async def _outcome(self, event: Event, patience: timedelta) -> PublishedEvent:
        doubts = Doubts(lambda e: self._observers.command_resent("PublishMessage", e.status))
        try:
            with self._sending("publish", event.name, event.scope) as scope:
                return await self._sent(event, scope, patience, doubts)
        except TransientGatewayError as error:
            raise EventNotPublished(
                f"event {event.name} was not published within {patience.total_seconds():g} s: "
                f"{error.status}; it is in this error's `event`",
                event=event,
                executed=doubts.executed(error),
            ) from error
        except GatewayError as error:
            raise CommandFailed(
                f"event {event.name}: {error.message or error.status}",
                status=error.status,
                executed=doubts.executed(error),
            ) from error

    async def _sent(
        self, event: Event, scope: Scope, patience: timedelta, doubts: Doubts
    ) -> PublishedEvent:
        try:
            await self._send(event, scope, patience, doubts)
        except AlreadyExists:
            # An id that nobody else has: a try of this call was taken, and its answer was lost.
            if not event.new:
                logger.info(
                    "event {} ({}) is a duplicate: the engine keeps one with this id",
                    event.name,
                    event.event_id,
                )
                return PublishedEvent(event.name, event.event_id, "duplicate")
        return PublishedEvent(event.name, event.event_id, "published")

    async def _send(self, event: Event, scope: Scope, patience: timedelta, doubts: Doubts) -> None:
        until = time.monotonic() + patience.total_seconds()
        # Without a time to live the engine keeps no id that could recognise a repetition
        # (semantics#message-id).
        kept = event.time_to_live > timedelta(0)
        await resend(
            lambda: self._gateway.publish_message(
                event.name,
                event.correlation_key,
                scope,
                time_to_live=event.time_to_live,
                message_id=event.event_id,
            ),
            until=lambda: until,
            judge=again_if_idempotent if kept else again_if_not_executed,
            notice=doubts,
        )
