"""Rows that cannot be kept, read or sent: refused as they are written, or else parked alone."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.support.outboxes import Line, Watch, drain, edit, relay_of, rows, write
from typer.testing import CliRunner

from workflow_runtime import CommandFailed, ConfigurationError
from workflow_runtime.cli._app import app
from workflow_runtime.gateway.errors import (
    FailedPrecondition,
    InvalidArgument,
    MessageTooLarge,
    Unavailable,
)
from workflow_runtime.publishing.outbox import admin

WRITTEN = [
    ({"event": "n" * 100_000}, "name has 100000 bytes, above 800"),
    ({"event": ""}, "name is empty"),
    ({"event": "a\0b"}, "name has a NUL character"),
    ({"event": "a\ud800"}, "name has half of a surrogate pair"),
    ({"correlation_key": "k" * 801}, "correlation_key has 801 bytes"),
    ({"correlation_key": "\0"}, "correlation_key has a NUL character"),
    ({"correlation_key": "\udfff"}, "correlation_key has half of a surrogate pair"),
    ({"event_id": "i" * 5000}, "event_id has 5000 bytes"),
    ({"event_id": "\0"}, "event_id has a NUL character"),
    ({"time_to_live": timedelta.max}, "time_to_live is 999999999 days, above the 36500"),
    ({"time_to_live": timedelta(seconds=-5)}, "needs a time to live, found -5 s"),
    ({"time_to_live": 0}, "needs a time to live, found 0 s"),
    ({"time_to_live": 0.0009}, "needs a time to live, found 0 s"),
    ({"time_to_live": 5}, "time_to_live is 5 s, shorter than the lease of 60 s"),
    ({"time_to_live": 1e300}, r"time_to_live is 1e\+300; give seconds"),
    ({"time_to_live": float("nan")}, "time_to_live is nan; give seconds"),
    ({"time_to_live": "P1D"}, "time_to_live is 'P1D'; give seconds or a timedelta"),
]
EDITED = {
    "a time to live without end": ({"ttl": 86_399_999_999_999_999}, "ttl: expected milliseconds"),
    "a negative time to live": ({"ttl": -5000}, "ttl: expected milliseconds"),
    "no time to live": ({"ttl": 0}, "ttl: expected milliseconds"),
    "a scope that is no JSON": ({"scope": "{'x': 1}"}, "scope: no JSON that can be read"),
    "an empty scope": ({"scope": ""}, "scope: no JSON that can be read"),
    "a scope that is a list": ({"scope": "[1]"}, "expected a JSON object, found list"),
    "a scope that is null": ({"scope": "null"}, "expected a JSON object, found NoneType"),
    "a deep scope": ({"scope": '{"x":' + "[" * 100_000}, "scope: no JSON that can be read"),
    "a huge number": ({"scope": '{"x":' + "9" * 5000 + "}"}, "scope: no JSON that can be read"),
    "a large scope": ({"scope": json.dumps({"x": "x" * 5_000_000})}, "larger than the engine"),
    "an endless key": ({"correlation_key": "k" * 2000}, "correlation_key has 2000 bytes"),
    "no id": ({"event_id": ""}, "event_id is empty"),
}
OF_SQLITE = {
    "a text that is no UTF-8": ("scope", "CAST(X'FF' AS TEXT)", "cannot be read"),
    "an id that is no UTF-8": ("event_id", "CAST(X'FF' AS TEXT)", "cannot be read"),
    "bytes for a scope": ("scope", "X'7B7D'", "scope: expected text, found bytes"),
    "a time to live in words": ("ttl", "'soon'", "ttl: expected milliseconds"),
    "a broken time to live": ("ttl", "60000.5", "ttl: expected milliseconds"),
}


async def around(outbox):
    """An event to be spoiled, one after it, and others before and behind them."""
    await write(outbox, ("before", "2"), ("bad", "1"), ("after", "1"), ("other", "3"), ("none", ""))


async def assert_only_one_is_parked(outbox, reason):
    line, watch = Line(), Watch()
    await drain(relay_of(outbox, line, watch))
    assert sorted(line.names) == ["after", "before", "none", "other"]
    found = [row for row in await rows(outbox, "state", "last_error") if row[0] != "sent"]
    ((state, said),) = found
    assert state == "parked"
    assert reason in said
    ((_, told),) = watch.parked
    assert told == said


@pytest.mark.parametrize(("given", "said"), WRITTEN, ids=[said[:40] for _, said in WRITTEN])
async def test_what_could_not_be_sent_is_refused_before_the_commit(outbox, given, said):
    options = {"event": "a", "correlation_key": "1"} | given
    async with outbox.engine.connect() as connection:
        with pytest.raises(ConfigurationError, match=said):
            await outbox.publish(connection, options.pop("event"), **options)
    assert await rows(outbox, "id") == []


async def test_a_scope_that_is_nested_too_deep_is_refused_before_the_commit(outbox):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    async with outbox.engine.connect() as connection:
        with pytest.raises(CommandFailed, match="event a: PublishMessage"):
            await outbox.publish(connection, "a", correlation_key="1", scope={"x": deep})


async def test_characters_of_a_scope_may_be_any(outbox):
    scope = {"nul": "\0", "emoji": "🙂", "bidi": "\u202e"}
    async with outbox.engine.begin() as connection:
        await outbox.publish(connection, "ünï", correlation_key="🙂" * 200, scope=scope)
    line = Line()
    await drain(relay_of(outbox, line))
    assert line.names == ["ünï"]


@pytest.mark.parametrize("kind", EDITED)
async def test_a_row_that_was_edited_is_parked_and_all_others_are_sent(outbox, kind):
    values, reason = EDITED[kind]
    await around(outbox)
    if "correlation_key" in values:
        await write(outbox, ("bad", "x"))
        async with outbox.engine.begin() as connection:
            await connection.execute(
                text(
                    f"DELETE FROM {outbox.table.name} WHERE name = 'bad' AND correlation_key = '1'"
                )
            )
    await edit(outbox, "bad", **values)
    await assert_only_one_is_parked(outbox, reason)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", OF_SQLITE)
async def test_a_value_of_another_type_is_parked_and_all_others_are_sent(outbox, kind):
    column, value, reason = OF_SQLITE[kind]
    await around(outbox)
    async with outbox.engine.begin() as connection:
        await connection.execute(
            text(f"UPDATE {outbox.table.name} SET {column} = {value} WHERE name = 'bad'")
        )
    await assert_only_one_is_parked(outbox, reason)
    entries = await admin.list_events(outbox)
    assert len(entries) == 5


@pytest.mark.parametrize("column", ["attempts", "failures"])
@pytest.mark.parametrize("number", [2**31 - 1, -(2**31)])
async def test_a_count_that_was_edited_stops_nobodys_notes(outbox, clock, column, number):
    await around(outbox)
    await edit(outbox, "bad", **{column: number})
    line = Line(*[FailedPrecondition("not now") if column == "attempts" else Unavailable("x")] * 4)
    relay = relay_of(outbox, line)
    await drain(relay)
    clock.seconds += 20
    await drain(relay)
    assert sorted(line.names) == ["after", "bad", "before", "none", "other"]
    assert {state for (state,) in await rows(outbox, "state")} == {"sent"}


@pytest.mark.parametrize("answer", [InvalidArgument("no"), MessageTooLarge("5 MB")])
async def test_an_event_that_the_engine_will_never_take_is_parked_alone(outbox, answer):
    await write(outbox, ("bad", "1"), ("after", "1"), ("other", "3"))
    line = Line(answer)
    await drain(relay_of(outbox, line))
    assert sorted(line.names) == ["after", "other"]


async def test_whatever_a_driver_or_a_client_raises_stops_only_that_event(outbox, clock):
    await write(outbox, ("bad", "1"), ("other", "3"))
    broken = UnicodeEncodeError("utf-8", "x", 0, 1, "no")
    line, watch = Line(broken, None, broken), Watch()
    relay = relay_of(outbox, line, watch, attempts=2)
    for _ in range(3):
        await drain(relay)
        clock.seconds += 10
    assert line.names == ["other"]
    ((name, reason),) = watch.parked
    assert name == "bad"
    assert "UnicodeEncodeError" in reason


@pytest.mark.parametrize("due_at", [-7, 4_000_000_000_000_000, 9_200_000_000_000_000_000])
async def test_a_time_that_never_comes_is_mended(outbox, due_at):
    await write(outbox, ("a", "1"), ("b", "1"))
    await edit(outbox, "a", due_at=due_at)
    line = Line()
    relay = relay_of(outbox, line)
    await drain(relay)
    assert line.names == []
    await relay._keep_house()
    await drain(relay)
    assert line.names == ["a", "b"]


async def test_what_waits_behind_a_row_that_was_deleted_by_hand_is_sent(outbox, clock):
    await write(outbox, ("bad", "1"), ("b", "1"), ("c", "1"), ("d", "2"))
    line = Line()
    line.away = {"bad"}
    relay = relay_of(outbox, line)
    await drain(relay)
    async with outbox.engine.begin() as connection:
        await connection.execute(text(f"DELETE FROM {outbox.table.name} WHERE name = 'bad'"))
    await relay._keep_house()
    await drain(relay)
    assert line.names == ["d", "b", "c"]


@pytest.mark.parametrize("row_id", [0, -5])
async def test_an_event_that_somebody_has_put_in_front_goes_first(outbox, row_id):
    await write(outbox, ("a", "1"), ("b", "1"), ("c", "2"))
    await edit(outbox, "b", id=row_id)
    line = Line()
    await drain(relay_of(outbox, line))
    assert [name for name in line.names if name != "c"] == ["b", "a"]
    assert "c" in line.names


async def test_what_somebody_has_marked_as_sent_is_forgotten_in_its_time(outbox, clock):
    async with outbox.engine.begin() as connection:
        await outbox.publish(connection, "a", event_id="mine")
    await edit(outbox, "a", state="sent")
    relay = relay_of(outbox, Line(), retention=timedelta(days=7))
    await relay._keep_house()
    clock.seconds += 3601
    async with outbox.engine.begin() as connection:
        assert not (await outbox.publish(connection, "a", event_id="mine")).duplicate
    await edit(outbox, "a", state="sent")
    await relay._keep_house()
    clock.seconds += 8 * 86_400
    await relay._keep_house()
    assert await rows(outbox, "id") == []


@pytest.mark.parametrize("created_at", [-(2**63), 2**63 - 1])
async def test_the_age_of_an_event_may_be_any(outbox, created_at):
    await write(outbox, ("a", "1"))
    await edit(outbox, "a", created_at=created_at)
    watch = Watch()
    await relay_of(outbox, Line(), watch)._keep_house()
    ((waiting, parked, oldest),) = watch.states
    assert (waiting, parked) == (1, 0)
    assert oldest >= 0


async def test_an_id_whose_time_to_live_was_edited_fails_no_transaction(outbox):
    for expected in (False, True):
        async with outbox.engine.begin() as connection:
            published = await outbox.publish(connection, "a", event_id="mine")
        assert published.duplicate is expected
        await drain(relay_of(outbox, Line()))
        await edit(outbox, "a", ttl=2**63 - 1)


async def test_a_state_that_is_none_is_refused_by_the_database(outbox):
    await write(outbox, ("a", "1"))
    with pytest.raises(IntegrityError, match="known_state"):
        await edit(outbox, "a", state="wating")


async def test_a_parked_row_is_listed_mended_and_sent_again(outbox):
    await around(outbox)
    await edit(outbox, "bad", scope="{", created_at=9_000_000_000_000_000_000)
    line = Line()
    await drain(relay_of(outbox, line))
    (entry,) = await admin.list_events(outbox, state="parked")
    assert (entry.name, entry.created_at) == ("bad", None)
    assert (
        entry.last_error == f"the row {entry.id} is no event: scope: no JSON that can be read "
        "(JSONDecodeError)"
    )
    await edit(outbox, "bad", scope='{"x": 1}')
    assert await admin.retry(outbox, ids=(entry.id,)) == 1
    await drain(relay_of(outbox, line))
    assert line.names[-1] == "bad"
    assert len(line.names) == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_command_lists_a_row_that_cannot_be_read(outbox, database_url):
    await write(outbox, ("a", "1"))
    async with outbox.engine.begin() as connection:
        await connection.execute(
            text(f"UPDATE {outbox.table.name} SET name = CAST(X'FF' AS TEXT), created_at = 'x'")
        )
    arguments = ["outbox", "list", "--url", database_url, "--table", outbox.table.name]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 0, done.output
    assert "cannot be read" in done.output
