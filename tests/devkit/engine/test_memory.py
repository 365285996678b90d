"""What an engine remembers of what has ended: nothing, however long it runs."""

import gc
from datetime import timedelta

import pytest
from tests.support.diagrams import resource

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.state import Instance, Job, Message, Subscription, Token

FEW = 200
"""More than what an agenda keeps of what was called off, twice over."""
MANY = 1_000

WORK = resource(
    """
    start start
    service do job=do
    boundary late on=do timer.duration=P30D
    boundary news on=do passive message=told key==key
    end end
    end over
    start -> do -> end
    late -> over
    news -> over
    """,
    "work",
)
TICKING = resource("start start timer.cycle=R/PT1S\nend end\nstart -> end", "ticking")
REMINDED = resource(
    """
    start start
    service do job=do
    boundary again on=do passive timer.cycle=R/PT1S
    end end
    end told
    start -> do -> end
    again -> told
    """,
    "reminded",
)
BY_MESSAGE = resource("start start message=begin\nend end\nstart -> end", "told")


@pytest.fixture
def engine():
    return Engine(ControlledClock(), keep_records=0)


def of_instances():
    return [thing for thing in gc.get_objects() if isinstance(thing, Instance | Token | Job)]


def alive():
    gc.collect()
    kinds = (Instance, Token, Job, Subscription, Message)
    return sum(isinstance(thing, kinds) for thing in gc.get_objects())


def complete(engine, key):
    (job,) = engine.activate_jobs("do", "w", 3_600_000, 1)
    engine.publish_message("told", f"k{key}", {}, time_to_live=0)
    engine.complete_job(job.key, {"done": True})


def fail(engine, key):
    (job,) = engine.activate_jobs("do", "w", 3_600_000, 1)
    engine.fail_job(job.key, 0, "never")
    engine.cancel_instance(key)


def back_off(engine, key):
    (job,) = engine.activate_jobs("do", "w", 3_600_000, 1)
    engine.fail_job(job.key, 1, "later", 3_600_000)
    engine.cancel_instance(key)


def cancel(engine, key):
    engine.cancel_instance(key)


def extend(engine, key):
    (job,) = engine.activate_jobs("do", "w", 3_600_000, 1)
    for _ in range(5):
        engine.update_job_timeout(job.key, 7_200_000)
    engine.complete_job(job.key, {})


@pytest.mark.parametrize("finish", [complete, fail, back_off, cancel, extend])
@pytest.mark.slow
def test_ended_instances_leave_nothing_behind(engine, finish):
    engine.deploy([WORK])
    before = alive()
    for number in range(MANY):
        instance = engine.create_instance("work", {"key": f"k{number}"})
        finish(engine, instance.key)
        assert engine.instance(instance.key) is None
    assert alive() - before < FEW
    assert not list(engine.jobs)
    assert not list(engine.incidents)


@pytest.mark.slow
def test_a_timer_that_starts_instances_for_ever_is_kept_once(engine):
    engine.deploy([TICKING])
    engine.advance(timedelta(seconds=1))
    before = alive()
    engine.advance(timedelta(seconds=MANY))
    assert alive() - before < FEW


@pytest.mark.slow
def test_messages_are_forgotten_when_their_time_is_over(engine):
    engine.deploy([WORK, BY_MESSAGE])
    before = alive()
    for number in range(MANY):
        engine.publish_message(
            "told", f"k{number}", {}, time_to_live=60_000, message_id=f"{number}"
        )
        engine.publish_message("begin", f"k{number}", {}, time_to_live=60_000)
    assert alive() - before >= 2 * MANY
    engine.advance(timedelta(minutes=1))
    assert alive() - before < FEW


def test_the_newest_records_are_kept_and_no_more():
    engine = Engine(ControlledClock(), keep_records=100)
    engine.deploy([TICKING])
    engine.advance(timedelta(seconds=MANY))
    assert len(engine.records) == 100
    positions = [record.position for record in engine.records]
    assert positions == list(range(positions[0], positions[0] + 100))
    assert positions[-1] > MANY


def test_a_reminder_that_comes_back_for_ever_is_kept_once(engine):
    engine.deploy([REMINDED])
    instance = engine.create_instance("reminded", {})
    before = alive()
    engine.advance(timedelta(seconds=MANY))
    assert engine.instance(instance.key) is not None
    assert alive() - before < FEW


def test_instances_that_have_completed_need_no_garbage_collector(engine):
    engine.deploy([WORK])
    gc.collect()
    others = {id(thing) for thing in of_instances()}  # what earlier tests have left
    gc.disable()
    try:
        for number in range(FEW):
            complete(engine, engine.create_instance("work", {"key": f"k{number}"}).key)
        assert not [thing for thing in of_instances() if id(thing) not in others]
    finally:
        gc.enable()
