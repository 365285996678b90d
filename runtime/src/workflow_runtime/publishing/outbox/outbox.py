"""Writing events in the transaction of the facts that they are about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar
from weakref import WeakSet

from pydantic import SecretStr
from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    event,
    literal,
    literal_column,
)
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from workflow_runtime._log.repeats import Repeats
from workflow_runtime.errors import CommandFailed, ConfigurationError, OutboxUnavailable
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.values import Scope
from workflow_runtime.gateway.wire import variables_text
from workflow_runtime.publishing.model import (
    Event,
    PublishedEvent,
    WorkflowEvent,
    make_event,
)
from workflow_runtime.publishing.outbox.checks import check_event
from workflow_runtime.publishing.outbox.engines import engine_of
from workflow_runtime.publishing.outbox.faults import (
    in_words,
    is_of_database,
    is_passing,
    is_probed,
)
from workflow_runtime.publishing.outbox.savepoints import begin_before_savepoints
from workflow_runtime.publishing.outbox.schema import (
    NEW,
    WAITING,
    create_table,
    outbox_table,
    table_exists,
)
from workflow_runtime.publishing.outbox.story import PROBED_WRITER, WRITER, Story
from workflow_runtime.publishing.outbox.transacting import transact
from workflow_runtime.publishing.outbox.writing import DIALECTS, differs, known_scope, write

__all__ = ["Outbox"]

Result = TypeVar("Result")

_NOW = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)",
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
}
"""Milliseconds since 1970 by the database's own clock, the same for the whole statement."""
_DEFAULT_TTL = timedelta(hours=1)
_LEASE = timedelta(seconds=60)


class Outbox:
    """Events that are sent if, and only if, the transaction that they were written in commits.

    A relay in the service sends what has been committed (`WorkflowBuilder.with_outbox`), in order
    for each correlation key, at least once. The engine recognises repetitions by the event's id
    while its time to live lasts (semantics#message-id).

    Args:
        engine: the service's own `AsyncEngine`, or its URL, which may be a pydantic `SecretStr`.
        table: where events are written; None is the table ``workflow_outbox``.
        default_ttl: how long the engine keeps an event that does not say so itself; None takes
            the ``event_ttl`` of the service that sends (`WorkflowBuilder.with_outbox`), or an hour.
        lease: how long a relay may hold an event; with a shorter time to live none is written. A
            relay of the same process sets its own.
        clock: the time in seconds since 1970 instead of the database's, for tests.

    Raises:
        ConfigurationError: the database is neither SQLite nor PostgreSQL, its URL cannot be
            read, or its driver is not installed or not asyncio's.
    """

    def __init__(
        self,
        engine: AsyncEngine | str | SecretStr,
        *,
        table: Table | None = None,
        default_ttl: timedelta | None = None,
        lease: timedelta = _LEASE,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._own_engine = isinstance(engine, str | SecretStr)
        self._repeats = Repeats()
        self.engine = engine_of(engine) if isinstance(engine, str | SecretStr) else engine
        self.table = outbox_table() if table is None else table
        self.default_ttl = default_ttl
        self.lease = lease
        self._clock = clock
        self.carry: Callable[[Scope], Scope] = lambda scope: scope
        """Adds the trace's context as the event is written; set by the relay."""
        self.told: Callable[[str, str], None] = lambda _name, _outcome: None
        """Counts what was not written because its id is known; set by the relay."""
        self.story = Story(
            "outbox: {}; trying again until it works", "outbox: it works again, after {}"
        )
        """What does not work, as writers and relays notice it."""
        self._listeners: list[Callable[[], None]] = []
        self._written_by: WeakSet[Session] = WeakSet()
        name = self.engine.dialect.name
        if name not in DIALECTS:
            raise ConfigurationError(
                f"the outbox works with {' and '.join(sorted(DIALECTS))}, not with {name}: give it "
                "an engine of one of these, in whose transactions the service writes its facts"
            )
        if name == "sqlite":
            begin_before_savepoints()

    async def rest(self) -> None:
        """Closes the idle connections of an engine that was made of a URL; new ones open as needed.

        They belong to the event loop that runs now, and the next run may have another.
        """
        # A database in memory is its one connection.
        if self._own_engine and not isinstance(self.engine.pool, StaticPool):
            await self.engine.dispose()

    async def create_table(self) -> None:
        """Creates the table where it is missing; for services without migrations."""
        await create_table(self.engine, self.table)

    async def has_table(self) -> bool:
        """Whether the database has the outbox's table."""
        async with self.engine.connect() as connection:
            return await connection.run_sync(table_exists, self.table)

    async def publish(
        self,
        transaction: AsyncSession | async_scoped_session[AsyncSession] | AsyncConnection,
        event: str | WorkflowEvent,
        **options: Any,
    ) -> PublishedEvent:
        """Writes an event in a transaction; one whose id is known is a duplicate, and is not.

        An id is known while its event waits, and then for its time to live, as at the engine.

        Args:
            transaction: the session or connection that writes the facts; the caller commits.
            event: a typed event, or an event's name.
            **options: ``correlation_key``, ``scope``, ``time_to_live`` (seconds or a timedelta)
                and ``event_id``, as for `Workflow.publish_event`.

        Returns:
            The event's name and id, and whether it is a duplicate, which is logged and counted.

        Raises:
            ConfigurationError: name, key, id or time to live is none that the outbox can keep
                and send; names the field. Or the transaction is not asyncio's.
            CommandFailed: the engine would refuse it: its scope is no JSON object, or too large.
        """
        if isinstance(transaction, async_scoped_session):
            transaction = transaction()
        if not isinstance(transaction, AsyncSession | AsyncConnection):
            # Before anything is written: what cannot be awaited has been executed all the same.
            raise ConfigurationError(
                "outbox.publish: expected an AsyncSession or AsyncConnection, found "
                f"{type(transaction).__name__}; others execute outbox.statement(…) themselves"
            )
        ready = self._event(event, options)
        row = self._row(ready)
        try:
            result: Any = await transaction.execute(self._statement(row))
        except Exception as error:
            if is_of_database(error, self.table) and not is_passing(error):
                self._complain(error, in_words(error))
            raise
        if not result.rowcount:
            return await self._duplicate(transaction, ready, row)
        if isinstance(transaction, AsyncSession):
            self._tell_after_commit(transaction)
        return PublishedEvent(ready.name, ready.event_id, "written")

    def statement(self, event: str | WorkflowEvent, **options: Any) -> Executable:
        """Makes the statement that writes an event, for transactions that are not asyncio's.

        Args:
            event: a typed event, or an event's name.
            **options: ``correlation_key``, ``scope``, ``time_to_live`` (seconds or a timedelta)
                and ``event_id``, as for `Workflow.publish_event`.

        Returns:
            An INSERT for any session or connection; its ``rowcount`` is 0 if the event is a
            duplicate. The relay finds the row when it looks next: nobody tells it of the commit.

        Raises:
            ConfigurationError: name, key, id or time to live is none that the outbox can keep
                and send; names the field.
            CommandFailed: the engine would refuse it: its scope is no JSON object, or too large.
        """
        return self._statement(self._row(self._event(event, options)))

    async def transact(
        self,
        work: Callable[[AsyncConnection], Awaitable[Result]],
        *,
        within: float | timedelta = 1.5,
    ) -> Result:
        """Writes events and their facts in a transaction of its own, which ends in time.

        For who cannot wait, such as a request: a database that is away, locked, full or silent, or
        a pool whose connections are all in use, is one error, after ``within`` at the latest.

        Args:
            work: an ``async`` function that is given the transaction's connection, for `publish`
                and for statements of its own; what else it awaits counts as the database's time.
            within: how long all of it may take, seconds or a timedelta: the wait for a
                connection and the commit included.

        Returns:
            What ``work`` returns, once it is committed.

        Raises:
            OutboxUnavailable: the database refused, or did not do it in time.
            Exception: what else ``work`` raises; nothing is written then.
        """
        seconds = within.total_seconds() if isinstance(within, timedelta) else within
        try:
            result = await transact(self.engine, self.table, work, seconds)
        except OutboxUnavailable as error:
            self._complain(error.__cause__ or error, error.reason)
            raise
        self._written()
        for listener in self._listeners:
            listener()
        return result

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Lets a relay know of commits at once, instead of when it looks next.

        Args:
            listener: called after each commit of a session that has published; must not block.
        """
        self._listeners.append(listener)

    def off_commit(self, listener: Callable[[], None]) -> None:
        """Ends `on_commit`.

        Args:
            listener: what was given there.
        """
        if listener in self._listeners:
            self._listeners.remove(listener)

    def now(self) -> ColumnElement[int]:
        """Gives the time: the database's, so that clocks of services may differ as they like.

        Returns:
            Milliseconds since 1970, for statements.
        """
        if self._clock is not None:
            return literal(int(self._clock() * 1000))
        return literal_column(_NOW[self.engine.dialect.name])

    def _complain(self, error: BaseException, reason: str) -> None:
        source = PROBED_WRITER if is_probed(error) else WRITER
        self.story.begin(source, f"events cannot be written: {reason}")

    def _written(self) -> None:
        self.story.end(PROBED_WRITER)
        self.story.end(WRITER)

    def _event(self, event: str | WorkflowEvent, options: dict[str, Any]) -> Event:
        default = _DEFAULT_TTL if self.default_ttl is None else self.default_ttl
        ready = make_event(event, default_ttl=default, **options)
        check_event(ready, self.lease)
        return ready

    def _row(self, ready: Event) -> dict[str, Any]:
        return {
            "name": ready.name,
            "correlation_key": ready.correlation_key,
            "event_id": ready.event_id,
            "new_id": ready.new,
            "scope": self._text(ready),
            "ttl": ready.time_to_live // timedelta(milliseconds=1),
            "state": WAITING,
            "due_at": NEW,
            "claimed_by": "",
            "attempts": 0,
            "failures": 0,
            "last_error": "",
            "created_at": self.now(),
        }

    def _statement(self, row: dict[str, Any]) -> Executable:
        statement: Executable = write(self.table, self.engine.dialect.name, row, self.now())
        return statement

    async def _duplicate(
        self, transaction: AsyncSession | AsyncConnection, ready: Event, row: dict[str, Any]
    ) -> PublishedEvent:
        known = (await transaction.execute(known_scope(self.table, row))).scalar()
        if known is not None and differs(ready.scope, known):
            level, other = "WARNING", "another content: an id belongs to one fact"
        else:
            level, other = "INFO", "the same content"
        self._repeats.say(
            (ready.name, level),
            level,
            "outbox: event {} ({}) is a duplicate, and not written: its id is that of one with {}",
            ready.name,
            ready.event_id,
            other,
        )
        self.told(ready.name, "duplicate")
        return PublishedEvent(ready.name, ready.event_id, "duplicate")

    def _text(self, ready: Event) -> str:
        try:
            return variables_text(self.carry(ready.scope), "PublishMessage")
        except GatewayError as error:
            raise CommandFailed(
                f"event {ready.name}: {error.message}", status=error.status
            ) from error

    def _tell_after_commit(self, session: AsyncSession) -> None:
        # After the commit: before it the relay would not see the row. Once for a session, which may
        # live as long as the service: a listener for each event would stay (``once=True`` too).
        told = session.sync_session, "after_commit", self._tell
        if not event.contains(*told):
            event.listen(*told)
        self._written_by.add(session.sync_session)

    def _tell(self, session: Session) -> None:
        if session in self._written_by:
            self._written_by.discard(session)
            self._written()
            for listener in self._listeners:
                listener()
