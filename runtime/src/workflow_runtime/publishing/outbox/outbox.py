"""Writing events in the transaction of the facts that they are about."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, Table, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from workflow_runtime.errors import CommandFailed, ConfigurationError
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.values import Scope
from workflow_runtime.gateway.wire import variables_text
from workflow_runtime.publishing.model import Event, WorkflowEvent, make_event
from workflow_runtime.publishing.outbox.schema import WAITING, create_table, outbox_table

__all__ = ["Outbox"]

_INSERTS: dict[str, Callable[[Table], Any]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


class Outbox:
    """Events that are sent if, and only if, the transaction that they were written in commits.

    A relay in the service sends what has been committed (`WorkflowBuilder.with_outbox`), in order
    for each correlation key, at least once. The engine recognises repetitions by the event's id
    while its time to live lasts (semantics#message-id).

    Args:
        engine: the service's own `AsyncEngine`, or its URL.
        table: where events are written; None is the table ``workflow_outbox``.
        default_ttl: how long the engine keeps an event that does not say so itself.
        clock: the time in seconds since 1970.

    Raises:
        ConfigurationError: the database is neither SQLite nor PostgreSQL.
    """

    def __init__(
        self,
        engine: AsyncEngine | str,
        *,
        table: Table | None = None,
        default_ttl: timedelta = timedelta(hours=1),
        clock: Callable[[], float] = time.time,
    ) -> None:
        # hide_parameters: errors of SQLAlchemy would show the scopes that a statement writes.
        self.engine = (
            create_async_engine(engine, hide_parameters=True) if isinstance(engine, str) else engine
        )
        self.table = outbox_table() if table is None else table
        self.default_ttl = default_ttl
        self.clock = clock
        self.carry: Callable[[Scope], Scope] = lambda scope: scope
        """Adds the trace's context as the event is written; set by the relay."""
        self._listeners: list[Callable[[], None]] = []
        name = self.engine.dialect.name
        if name not in _INSERTS:
            raise ConfigurationError(
                f"the outbox works with {' and '.join(sorted(_INSERTS))}, not with {name}: give it "
                "an engine of one of these, in whose transactions the service writes its facts"
            )
        self._insert = _INSERTS[name]

    async def create_table(self) -> None:
        """Creates the table where it is missing; for services without migrations."""
        await create_table(self.engine, self.table)

    async def has_table(self) -> bool:
        """Whether the database has the outbox's table."""
        async with self.engine.connect() as connection:
            return bool(
                await connection.run_sync(lambda sync: inspect(sync).has_table(self.table.name))
            )

    async def publish(
        self,
        transaction: AsyncSession | AsyncConnection,
        event: str | WorkflowEvent,
        **options: Any,
    ) -> str:
        """Writes an event in a transaction; an id that is in the table is not written again.

        Args:
            transaction: the session or connection that writes the facts; the caller commits.
            event: a typed event, or an event's name.
            **options: ``correlation_key``, ``scope``, ``time_to_live`` (seconds or a timedelta)
                and ``event_id``, as for `Workflow.publish_event`.

        Returns:
            The event's id.

        Raises:
            ConfigurationError: the event has no time to live, without which the engine cannot
                tell a repetition, no name, or no correlation key.
            CommandFailed: the engine would refuse it: its scope is no JSON object, or too large.
        """
        ready = self._event(event, options)
        await transaction.execute(self._statement(ready))
        if isinstance(transaction, AsyncSession):
            self._tell_after_commit(transaction)
        return ready.event_id

    def statement(self, event: str | WorkflowEvent, **options: Any) -> Executable:
        """Makes the statement that writes an event, for transactions that are not asyncio's.

        Args:
            event: a typed event, or an event's name.
            **options: ``correlation_key``, ``scope``, ``time_to_live`` (seconds or a timedelta)
                and ``event_id``, as for `Workflow.publish_event`.

        Returns:
            An INSERT for any session or connection. The relay finds the row when it looks next:
            nobody tells it of the commit.

        Raises:
            ConfigurationError: the event has no time to live, no name, or no correlation key.
            CommandFailed: the engine would refuse it: its scope is no JSON object, or too large.
        """
        return self._statement(self._event(event, options))

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Lets a relay know of commits at once, instead of when it looks next.

        Args:
            listener: called after each commit of a session that has published; must not block.
        """
        self._listeners.append(listener)

    def now(self) -> int:
        """Reads the clock.

        Returns:
            Milliseconds since 1970, as the table has them.
        """
        return int(self.clock() * 1000)

    def _event(self, event: str | WorkflowEvent, options: dict[str, Any]) -> Event:
        ready = make_event(event, default_ttl=self.default_ttl, **options)
        if ready.time_to_live <= timedelta(0):
            raise ConfigurationError(
                f"event {ready.name}: the outbox needs a time to live: without one the engine "
                "cannot tell a repetition from a second event"
            )
        return ready

    def _statement(self, ready: Event) -> Executable:
        now = self.now()
        row = {
            "name": ready.name,
            "correlation_key": ready.correlation_key,
            "event_id": ready.event_id,
            "scope": self._text(ready),
            "ttl": int(ready.time_to_live.total_seconds() * 1000),
            "state": WAITING,
            "attempts": 0,
            "last_error": "",
            "created_at": now,
            "next_at": now,
            "claimed_by": "",
            "claimed_until": 0,
        }
        # The unique index is on id, name and key: a repetition is no second event.
        statement: Executable = self._insert(self.table).values(row).on_conflict_do_nothing()
        return statement

    def _text(self, ready: Event) -> str:
        try:
            return variables_text(self.carry(ready.scope), "PublishMessage")
        except GatewayError as error:
            raise CommandFailed(
                f"event {ready.name}: {error.message}", status=error.status
            ) from error

    def _tell_after_commit(self, session: AsyncSession) -> None:
        if not self._listeners:
            return

        def tell(_session: object) -> None:
            for listener in self._listeners:
                listener()

        # After the commit: before it the relay would not see the row.
        event.listen(session.sync_session, "after_commit", tell, once=True)
