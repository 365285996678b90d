"""Events reach the engine once, or their sender is told."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import ClassVar

import pytest
from loguru import logger
from pydantic import ConfigDict, create_model
from pydantic.alias_generators import to_camel
from tests.support.waiting import until

from workflow_runtime import (
    CommandFailed,
    ConfigurationError,
    EventNotPublished,
    WorkflowBuilder,
    WorkflowEvent,
    WorkflowSettings,
)
from workflow_runtime._log.repeats import write_all
from workflow_runtime.gateway.errors import AlreadyExists, InvalidArgument, Unavailable
from workflow_runtime.observers import Observer
from workflow_runtime.publishing.buffer import EventBuffer
from workflow_runtime.publishing.model import make_event
from workflow_runtime.publishing.publisher import Publisher

TTL = timedelta(minutes=5)


class Paid(WorkflowEvent):
    process_id: ClassVar[str] = "orderService"
    key_field: ClassVar[str] = "order_id"
    time_to_live: ClassVar[timedelta] = timedelta(days=7)

    order_id: int
    amount: str = "1.50"


class Line:
    """A gateway that only takes messages; ``answers`` are raised one by one."""

    in_process = True

    def __init__(self, *answers):
        self.answers = list(answers)
        self.taken = []

    async def publish_message(
        self, name, correlation_key, scope, *, time_to_live, message_id="", deadline=None
    ):
        if self.answers:
            answer = self.answers.pop(0)
            if answer is not None:
                raise answer
        self.taken.append((name, correlation_key, dict(scope), time_to_live, message_id))
        return len(self.taken)

    async def close(self):
        pass


class Ends(Observer):
    def __init__(self):
        self.seen = []

    def event_published(self, name, outcome):
        self.seen.append(outcome)


async def publish(line, event, **options):
    settings = WorkflowSettings(service_name="test", command_timeout=timedelta(seconds=0.3))
    async with WorkflowBuilder(settings=settings, gateway=line).running() as workflow:
        return await workflow.publish_event(event, **options)


async def test_a_typed_event_brings_name_key_scope_and_time_to_live():
    line = Line()
    result = await publish(line, Paid(order_id=7))
    scope = {"order_id": 7, "amount": "1.50"}
    assert line.taken == [("orderService_paid", "7", scope, timedelta(days=7), result.event_id)]
    assert result.outcome == "published"


async def test_the_time_to_live_of_the_call_wins_over_the_events_own():
    line = Line()
    await publish(line, Paid(order_id=7), time_to_live=0)
    assert line.taken[0][3] == timedelta(0)


def test_an_event_without_an_id_gets_a_new_one():
    first, again = (
        make_event("a", correlation_key="1", scope={"x": 1}, default_ttl=TTL) for _ in range(2)
    )
    assert first.event_id != again.event_id


async def test_an_id_that_the_engine_knows_is_success():
    result = await publish(Line(AlreadyExists("known")), "a", event_id="mine")
    assert (result.outcome, result.event_id, result.duplicate) == ("duplicate", "mine", True)


async def test_an_id_that_was_made_for_the_call_is_known_only_by_the_call_itself():
    result = await publish(Line(Unavailable("lost"), AlreadyExists("known")), "a")
    assert (result.outcome, result.duplicate) == ("published", False)


async def test_a_transient_answer_is_answered_by_the_same_event_again():
    line = Line(Unavailable("away"), None)
    await publish(line, "a", correlation_key="k", event_id="mine")
    assert [t[4] for t in line.taken] == ["mine"]


async def test_an_engine_that_stays_away_gives_the_event_back():
    with pytest.raises(EventNotPublished, match="orderService_paid") as caught:
        await publish(Line(*[Unavailable("away")] * 100), Paid(order_id=7))
    assert caught.value.event.name == "orderService_paid"
    assert caught.value.event.correlation_key == "7"


async def test_a_refused_event_is_not_sent_again():
    line = Line(InvalidArgument("bad"))
    with pytest.raises(CommandFailed, match="bad"):
        await publish(line, "a")
    assert line.taken == []


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [
        (Colour, Colour.RED, "red"),
        (datetime, datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
        (int, 42, "42"),
    ],
)
def test_the_correlation_key_is_what_the_scope_has(kind, value, key):
    event = create_model("Painted", __base__=WorkflowEvent, it=(kind, ...))
    event.event_name, event.key_field = "painted", "it"
    assert event(it=value).key() == key


def test_an_event_without_a_value_for_its_key_is_refused():
    class Lost(WorkflowEvent):
        process_id: ClassVar[str] = "order"
        key_field: ClassVar[str] = "order_id"
        order_id: int | None = None

    with pytest.raises(ConfigurationError, match="Lost: order_id is None"):
        Lost().key()


def test_a_key_field_that_does_not_exist_is_said_where_the_event_is_defined():
    with pytest.raises(ConfigurationError, match=r"'order'.*order_id"):

        class Broken(WorkflowEvent):
            process_id: ClassVar[str] = "orderService"
            key_field: ClassVar[str] = "order"
            order_id: int


async def test_an_event_without_a_name_is_refused():
    class Nameless(WorkflowEvent):
        pass

    with pytest.raises(ConfigurationError, match="Nameless: set process_id"):
        await publish(Line(), Nameless())


def buffer(line, limit=2):
    ends = Ends()
    publisher = Publisher(line, ends, patience=timedelta(seconds=1))
    return EventBuffer(publisher, ends, limit=limit), ends


def event(name):
    return make_event(name, default_ttl=TTL)


@pytest.fixture
def errors():
    found = []
    sink = logger.add(found.append, level="ERROR", format="{message}")
    yield found
    logger.remove(sink)


async def test_the_buffer_sends_in_order(errors):
    line = Line(Unavailable("away"))
    held, ends = buffer(line)
    assert [held.offer(event(name)) for name in "ab"] == [True, True]
    await held.flush(5)
    assert [t[0] for t in line.taken] == ["a", "b"]
    assert (ends.seen, errors) == (["published", "published"], [])
    await held.close()


async def test_keys_whose_partition_is_away_hold_up_no_others_in_the_buffer(errors):
    class Partitioned(Line):
        async def publish_message(self, name, key, *rest, **options):
            if key.startswith("dead"):
                raise Unavailable("no leader")
            return await super().publish_message(name, key, *rest, **options)

    line = Partitioned()
    held, ends = buffer(line, limit=500)
    for number in range(200):
        held.offer(make_event("a", f"dead{number % 150}", default_ttl=TTL))
    for number in range(100):
        held.offer(make_event(f"{number}", f"key{number % 50}", default_ttl=TTL))
    await until(lambda: len(held) == 200)
    for key in range(50):
        assert [t[0] for t in line.taken if t[1] == f"key{key}"] == [f"{key}", f"{key + 50}"]
    await held.close()
    assert (ends.seen.count("published"), ends.seen.count("dropped")) == (100, 200)
    write_all()
    assert len(errors) == 2
    assert "(200 lines like this in " in errors[1]


async def test_a_full_buffer_reports_what_it_drops(errors):
    held, ends = buffer(Line(), limit=1)
    assert [held.offer(event(name)) for name in "ab"] == [True, False]
    assert "event b (" in errors[0]
    assert "1 events wait already" in errors[0]
    await held.flush(5)
    assert ends.seen == ["dropped", "published"]
    await held.close()


async def test_what_waits_at_the_end_is_reported_by_name(errors):
    held, ends = buffer(Line(*[Unavailable("away")] * 1000))
    held.offer(event("a"))
    await held.flush(0.01)
    await held.close()
    assert "event a (" in errors[0]
    assert "the service ended before it was sent" in errors[0]
    assert ends.seen == ["dropped"]


async def test_a_refused_event_does_not_hold_up_the_next(errors):
    line = Line(InvalidArgument("bad"))
    held, _ = buffer(line)
    held.offer(event("a"))
    held.offer(event("b"))
    await held.flush(5)
    assert [t[0] for t in line.taken] == ["b"]
    assert "event a (" in errors[0]
    # Not the answer itself, which may repeat values of the scope.
    assert "refused, INVALID_ARGUMENT" in errors[0]
    await held.close()


def test_the_key_of_an_event_whose_scope_has_other_names_is_found():
    class Shipped(WorkflowEvent):
        model_config = ConfigDict(alias_generator=to_camel, serialize_by_alias=True)

        process_id: ClassVar[str] = "order"
        key_field: ClassVar[str] = "order_number"

        order_number: int

    assert Shipped(orderNumber=42).key() == "42"
