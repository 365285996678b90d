"""What holds for every run of every diagram, without a broker to ask."""

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from tests.conformance.generated.steps import runs
from tests.conformance.script import Run
from tests.conformance.stands import embedded

from workflow_devkit.engine.state import State
from workflow_runtime.bpmn.model import EventKind, Kind

ENDED = ("ELEMENT_COMPLETED", "ELEMENT_TERMINATED")
always = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


def on_an_engine(check):
    """Plays a run, then checks the engine."""

    @always
    @given(runs())
    def play(scenario):
        async def inside():
            async with embedded() as stand:
                await Run(stand, "p_", scenario).play()
                check(stand.engine)

        asyncio.run(inside())

    play()


def waits(token):
    """Whether something can still happen to an element instance."""
    return bool(
        token.job
        or token.incident
        or token.children
        or token.called
        or token.pending
        or any(subscription.open for subscription in token.subscriptions or ())
    )


def has_thrown_in_vain(token):
    """An escalation caught by what cannot be triggered any more: the broker waits for ever too."""
    throws = token.node.kind in {Kind.END_EVENT, Kind.INTERMEDIATE_THROW_EVENT}
    return throws and token.state is State.ACTIVATED


@pytest.mark.slow
def test_every_element_instance_waits_for_something():
    def check(engine):
        tokens = engine._store.tokens.values()
        stuck = [token for token in tokens if not waits(token) and not has_thrown_in_vain(token)]
        assert stuck == []

    on_an_engine(check)


@pytest.mark.slow
def test_every_element_instance_ends_once_when_its_process_instance_has_ended():
    def check(engine):
        records = [r for r in engine.records if r.value_type == "PROCESS_INSTANCE"]
        begun = {r.key: r.value for r in records if r.intent == "ELEMENT_ACTIVATING"}
        ended = Counter(r.key for r in records if r.intent in ENDED)
        assert set(ended.values()) <= {1}
        over = {key for key, value in begun.items() if value["bpmnElementType"] == "PROCESS"}
        over &= set(ended)
        assert {k for k, v in begun.items() if v["processInstanceKey"] in over} <= set(ended)

    on_an_engine(check)


@pytest.mark.slow
def test_positions_rise_and_no_key_means_two_things():
    def check(engine):
        records = list(engine.records)
        positions = [record.position for record in records]
        assert positions == sorted(set(positions))
        kinds = {(record.key, record.value_type) for record in records}
        shared = [key for key, count in Counter(key for key, _ in kinds).items() if count > 1]
        assert shared == []

    on_an_engine(check)


@pytest.mark.slow
def test_cancelled_instances_leave_nothing_behind():
    def check(engine):
        for instance in list(engine._store.instances.values()):
            if instance.caller is None:
                engine.cancel_instance(instance.key)
        assert engine._store.instances == {}
        assert engine._store.tokens == {}
        assert len(engine.jobs) == 0
        assert len(engine.incidents) == 0
        assert engine._messages._subscriptions == {}
        assert engine._life.subscriptions.signals._open == {}
        starting = any(p.start_events(EventKind.TIMER) for p in engine.definitions())
        assert starting or engine._timers.next_due() is None

    on_an_engine(check)


@pytest.mark.parametrize("count", [1, 50])
def test_the_checks_see_a_token_that_is_stuck(count):
    token = type("Token", (), dict.fromkeys(
        ("job", "incident", "children", "called", "pending", "subscriptions")
    ))()  # fmt: skip
    assert not waits(token)
    token.pending = count
    assert waits(token)
