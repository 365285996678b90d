"""Time: one clock, and everything due on the way happens in its order."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.diagrams import one_task, resource

from workflow_devkit.engine import ControlledClock, Engine, SystemClock

BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
BEGIN_MS = round(BEGIN.timestamp() * 1000)
HOUR = 3_600_000
DAY = 24 * HOUR

WORK = one_task("work", "do", "do")
PAUSE = resource(
    """
    start start
    catch wait timer.duration==pause
    end end
    start -> wait -> end
    """,
    "pause",
)
ENDINGS = {
    ("TIMER", "TRIGGERED"),
    ("JOB", "TIMED_OUT"),
    ("JOB", "RECURRED_AFTER_BACKOFF"),
    ("MESSAGE", "EXPIRED"),
}


@pytest.fixture
def engine():
    engine = Engine(ControlledClock(BEGIN), keep_records=None)
    engine.deploy([WORK, PAUSE])
    return engine


def happened(engine):
    """What came to its time, with the moment at which it did, counted from the begin."""
    return [
        (record.timestamp - BEGIN_MS, record.value_type, record.key)
        for record in engine.records
        if (record.value_type, record.intent) in ENDINGS
    ]


def arm_timer(engine, after):
    pause = f"PT{after / 1000}S"
    engine.create_instance("pause", {"pause": pause})
    return "TIMER"


def lock_job(engine, after):
    engine.create_instance("work", {})
    engine.activate_jobs("do", "w", after, 1)
    return "JOB"


def back_off(engine, after):
    engine.create_instance("work", {})
    (job,) = engine.activate_jobs("do", "w", 1000 * DAY, 1)
    engine.fail_job(job.key, 2, "later", after)
    return "JOB"


def buffer_message(engine, after):
    engine.publish_message("nobody", "waits", {}, time_to_live=after)
    return "MESSAGE"


KINDS = (arm_timer, lock_job, back_off, buffer_message)


def plan(engine, wishes):
    """Sets everything up at the begin; jobs of locked types do not disturb each other."""
    return sorted((after, kind(engine, after)) for kind, after in wishes)


@settings(max_examples=100, deadline=None)
@given(
    wishes=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 40 * DAY)), max_size=12),
    steps=st.lists(st.integers(0, 15 * DAY), max_size=6),
)
def test_whatever_the_steps_everything_happens_at_its_moment_in_order(wishes, steps):
    engine = Engine(ControlledClock(BEGIN), keep_records=None)
    engine.deploy([WORK, PAUSE])
    planned = plan(engine, wishes)
    for step in steps:
        engine.advance(timedelta(milliseconds=step))
    now = sum(steps)
    found = [(moment, kind) for moment, kind, _ in happened(engine)]
    assert [moment for moment, _ in found] == sorted(moment for moment, _ in found)
    assert sorted(found) == [(after, kind) for after, kind in planned if after <= now]
    assert engine.clock.now_ms() == BEGIN_MS + now
    later = [after for after, _ in planned if after > now]
    assert engine.next_due() == (BEGIN_MS + min(later) if later else None)


def test_timers_backoffs_locks_and_messages_interleave(engine):
    for after, kind in ((4, arm_timer), (1, lock_job), (3, back_off), (2, buffer_message)):
        kind(engine, after * DAY)
    engine.advance(timedelta(days=30))
    assert [(moment // DAY, kind) for moment, kind, _ in happened(engine)] == [
        (1, "JOB"),
        (2, "MESSAGE"),
        (3, "JOB"),
        (4, "TIMER"),
    ]


def test_of_two_at_one_moment_the_older_is_first(engine):
    first = [arm_timer(engine, DAY) for _ in range(5)]
    engine.advance(timedelta(days=1))
    keys = [key for _, _, key in happened(engine)]
    assert len(keys) == len(first)
    assert keys == sorted(keys)


def test_what_a_timer_starts_is_due_on_the_same_way(engine):
    chain = """
    start start
    catch one timer.duration=P1D
    catch two timer.duration=PT1H
    end end
    start -> one -> two -> end
    """
    engine.deploy([resource(chain, "chain")])
    instance = engine.create_instance("chain", {})
    engine.advance(timedelta(days=30))
    assert [moment for moment, _, _ in happened(engine)] == [DAY, DAY + HOUR]
    assert engine.instance(instance.key) is None


def test_a_cycle_fires_each_of_its_times(engine):
    engine.deploy([repeating("R/P1D")])
    engine.advance(timedelta(days=30))
    assert [moment for moment, _, _ in happened(engine)] == [n * DAY for n in range(1, 31)]


def repeating(cycle):
    return resource(f"start start timer.cycle='{cycle}'\nend end\nstart -> end", "repeating")


@pytest.mark.parametrize(
    ("cycle", "hours"),
    [
        ("R0/PT1H", [1]),
        ("R1/PT1H", [1]),
        ("R2/PT1H", [1, 2]),
        ("R-1/PT1H", [1, 2, 3]),
        ("R-5/PT1H", [1]),
        ("R2/2026-01-31T12:30:00Z/PT1H", [0.5, 1.5]),
        ("R2/2020-01-01T00:00:00Z/PT1H", [1, 2]),
    ],
)
def test_a_cycle_fires_as_often_as_it_says_from_its_begin_or_from_now(engine, cycle, hours):
    engine.deploy([repeating(cycle)])
    engine.advance(timedelta(hours=3))
    assert [moment / HOUR for moment, _, _ in happened(engine)] == hours


@pytest.mark.parametrize(("late", "following"), [(0, 2), (0.5, 2), (1, 3), (2.5, 4.5)])
def test_a_cycle_goes_on_from_its_last_date_unless_the_next_is_past_too(engine, late, following):
    engine.deploy([repeating("R/PT1H")])
    engine.clock.advance(timedelta(hours=1 + late))  # nobody has looked meanwhile
    engine.run_due()
    assert [moment / HOUR for moment, _, _ in happened(engine)] == [1 + late]
    assert engine.next_due() == BEGIN_MS + following * HOUR


def starts_by(engine, text, days):
    """The moments at which a process starts whose start event has this cycle."""
    engine.deploy([repeating(text)])
    engine.advance(timedelta(days=days))
    return [moment for moment, _, _ in happened(engine)]


def test_a_cron_that_never_comes_round_fires_at_once_and_no_more(engine):
    assert starts_by(engine, "0 0 0 31 2 *", 400) == [0]


def test_a_cron_counts_days_of_months_and_of_weeks_together(engine):
    first = starts_by(engine, "0 0 0 13 * FRI", 400)[0]
    moment = BEGIN + timedelta(milliseconds=first)
    assert (moment.day, moment.strftime("%A")) == (13, "Friday")


def test_a_month_is_a_month_and_not_thirty_days(engine):
    engine.create_instance("pause", {"pause": "P1M"})
    engine.advance(timedelta(days=27, hours=23))
    assert happened(engine) == []
    engine.advance(timedelta(hours=1))
    (moment, _, _) = happened(engine)[0]
    assert BEGIN + timedelta(milliseconds=moment) == datetime(2026, 2, 28, 12, tzinfo=UTC)


def test_expressions_see_the_engines_time(engine):
    dated = """
    start start
    catch wait timer.duration=P1D
    service ask job==string(date(now()))
    end end
    start -> wait -> ask -> end
    """
    engine.deploy([resource(dated, "dated")])
    engine.create_instance("dated", {})
    engine.advance(timedelta(days=1))
    (job,) = engine.jobs
    assert job.type == "2026-02-01"


def test_a_locked_job_is_given_to_others_when_its_time_is_over(engine):
    engine.create_instance("work", {})
    (job,) = engine.activate_jobs("do", "first", HOUR, 1)
    engine.advance(timedelta(milliseconds=HOUR - 1))
    assert engine.activate_jobs("do", "second", HOUR, 1) == []
    engine.advance(timedelta(milliseconds=1))
    (again,) = engine.activate_jobs("do", "second", HOUR, 1)
    assert (again.key, again.worker, again.retries) == (job.key, "second", job.retries)


def test_what_is_done_in_time_is_not_due_any_more(engine):
    engine.create_instance("work", {})
    (job,) = engine.activate_jobs("do", "w", HOUR, 1)
    assert engine.next_due() == BEGIN_MS + HOUR
    engine.complete_job(job.key, {})
    assert engine.next_due() is None


def test_idle_time_is_skipped_from_one_due_moment_to_the_next(engine):
    for days in (1, 10, 300):
        arm_timer(engine, days * DAY)
    jumps = []
    while (due := engine.next_due()) is not None:
        engine.advance(timedelta(milliseconds=due - engine.clock.now_ms()))
        jumps.append((engine.clock.now_ms() - BEGIN_MS) // DAY)
    assert jumps == [1, 10, 300]


def test_a_clock_does_not_go_back(engine):
    with pytest.raises(ValueError, match="a clock cannot go back"):
        engine.clock.advance(timedelta(days=-1))
    with pytest.raises(ValueError, match="a clock cannot go back"):
        engine.advance(timedelta(days=-1))


def test_real_time_cannot_be_moved():
    with pytest.raises(TypeError, match="only an engine with a ControlledClock can be moved"):
        Engine(SystemClock()).advance(timedelta(days=1))


class RestlessClock:
    """Real time on a slow machine: a millisecond later at each look."""

    def __init__(self):
        self._looks = itertools.count(BEGIN_MS)

    def now_ms(self):
        return next(self._looks)


def test_a_message_without_time_to_live_reaches_who_waits_though_time_goes_on():
    engine = Engine(RestlessClock(), keep_records=None)
    waits = """
    start start
    catch wait message=told key==key
    end end
    start -> wait -> end
    """
    begins = "start start message=told key==key\nend end\nstart -> end"
    engine.deploy([resource(waits, "waits"), resource(begins, "begins")])
    engine.create_instance("waits", {"key": "a"})
    engine.publish_message("told", "a", {}, time_to_live=0)
    ended = [
        record.value["bpmnProcessId"]
        for record in engine.records
        if record.intent == "ELEMENT_COMPLETED" and record.value["bpmnElementType"] == "PROCESS"
    ]
    assert sorted(ended) == ["begins", "waits"]
