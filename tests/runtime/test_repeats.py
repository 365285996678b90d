"""Lines that repeat: the first of a kind at once, then one a minute with the count."""

import os
import sys
import threading

import pytest
from loguru import logger

from workflow_runtime._log.repeats import Again, Repeats, write_all
from workflow_runtime._log.state_log import StateLog


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def repeats(clock):
    return Repeats(clock)


@pytest.fixture
def lines():
    found = []
    sink = logger.add(
        lambda line: found.append(line.record), level="DEBUG", format="{message}", catch=False
    )
    yield found
    logger.remove(sink)


def said(lines):
    return [line["message"] for line in lines]


def test_the_first_is_told_at_once_and_a_minute_later_how_many_there_were(repeats, clock, lines):
    for number in range(1073):
        repeats.say("mail", "WARNING", "no mail: {}", number, again=Again("{count} {span}", "mail"))
        clock.now += 0.05
    assert said(lines) == ["no mail: 0"]
    clock.now = 1060.0
    repeats.write()
    assert said(lines)[1:] == ["1,073 mails in the last minute"]
    assert lines[1]["extra"]["count"] == 1073


@pytest.mark.parametrize("pace", [0.01, 0.9, 7, 59, 61, 200])
def test_no_pace_of_repetition_makes_more_than_two_lines_a_minute(pace, repeats, clock, lines):
    times, comes, end = [], clock.now, clock.now + 600
    while clock.now < end:
        before = len(lines)
        if clock.now >= comes:
            repeats.say("kind", "WARNING", "again")
            comes += pace
        repeats.write()
        times += [clock.now] * (len(lines) - before)
        clock.now += min(pace, 0.5)
    busiest = max(sum(1 for other in times if 0 <= other - one < 60) for one in times)
    assert busiest <= 2


def test_counts_of_all_lines_add_up(repeats, clock, lines):
    for _ in range(300):
        repeats.say("kind", "WARNING", "again")
        clock.now += 1
        repeats.write()
    repeats.write(everything=True)
    assert sum(line["extra"].get("count", 0) for line in lines) == 300


def test_what_came_once_is_told_once_and_at_once_when_it_comes_again_later(repeats, clock, lines):
    repeats.say("kind", "WARNING", "it")
    clock.now += 60
    repeats.write()
    repeats.say("kind", "WARNING", "it")
    assert said(lines) == ["it", "it"]


def test_the_end_writes_what_was_counted_with_its_true_span(repeats, clock, lines):
    for _ in range(4):
        repeats.say("kind", "WARNING", "it")
        clock.now += 5.5
    write_all()
    assert said(lines) == ["it", "it (4 lines like this in 22 s)"]
    write_all()
    assert len(lines) == 2


def test_kinds_have_nothing_to_do_with_each_other(repeats, lines):
    for kind in ("a", "b", "a"):
        repeats.say(kind, "WARNING", kind)
    assert said(lines) == ["a", "b"]


def test_kinds_without_end_need_neither_memory_nor_lines_without_end(repeats, clock, lines):
    for number in range(10_000):
        repeats.say(number, "WARNING", "kind {}", number)
    assert len(lines) == 101
    assert len(repeats._kinds) == 101
    clock.now += 60
    repeats.write()
    assert said(lines)[101:] == ["kind 9999 (9,900 lines of other kinds in the last minute)"]
    clock.now += 60
    repeats.write()
    assert not repeats._kinds


def test_both_lines_are_in_the_name_of_who_has_said_it(repeats, lines):
    for _ in range(2):
        repeats.say("kind", "ERROR", "it")
    repeats.write(everything=True)
    assert {(line["name"], line["level"].name) for line in lines} == {(__name__, "ERROR")}


def test_a_summary_has_no_field_of_a_job_that_happens_to_run(repeats, clock, lines):
    with logger.contextualize(job_key=1):
        repeats.say("kind", "WARNING", "it", fields={"job_type": "mail", "instance_key": 5})
        clock.now += 1
        again = Again(fields={"job_type": "mail"})
        repeats.say("kind", "WARNING", "it", again=again)
        clock.now += 60
        repeats.say("kind", "WARNING", "it")
    assert lines[0]["extra"] == {"job_key": 1, "job_type": "mail", "instance_key": 5}
    assert lines[1]["extra"] == {"job_type": "mail", "count": 2}


def test_braces_in_what_is_told_are_text(repeats, lines):
    for _ in range(2):
        repeats.say("kind", "WARNING", "{}", "{now} {span} {0}")
    repeats.write(everything=True)
    assert said(lines) == ["{now} {span} {0}", "{now} {span} {0} (2 lines like this in 1 s)"]


def test_a_sink_that_raises_harms_nobody(repeats):
    def broken(_):
        raise RuntimeError

    sink = logger.add(broken, catch=False)
    try:
        repeats.say("kind", "WARNING", "it")
        repeats.say("kind", "WARNING", "it")
        repeats.write(everything=True)
    finally:
        logger.remove(sink)


def test_a_sink_that_says_something_itself_waits_for_nobody(repeats, lines):
    def talks(_):
        repeats.say("sink", "DEBUG", "seen")

    sink = logger.add(talks, filter=lambda line: line["message"] == "it", catch=False)
    try:
        repeats.say("kind", "WARNING", "it")
    finally:
        logger.remove(sink)
    assert "it" in said(lines)


def test_many_threads_lose_no_count(repeats, lines):
    def talk():
        for _ in range(500):
            repeats.say("kind", "WARNING", "it")

    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    repeats.write(everything=True)
    assert said(lines) == ["it", "it (4,000 lines like this in 1 s)"]


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_forked_child_does_not_tell_what_its_parent_has_counted(repeats, lines):
    repeats.say("kind", "WARNING", "it")
    repeats.say("kind", "WARNING", "it")
    child = os.fork()
    if not child:
        try:
            before = len(lines)
            write_all()
            os._exit(len(lines) - before)
        finally:
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    write_all()
    assert len(lines) == 2


def test_a_state_that_comes_and_goes_is_told_once_a_minute_and_how_it_is_now(repeats, clock, lines):
    state = StateLog(repeats)
    for second in range(59):
        away = second % 2
        state.enter("away" if away else "", "WARNING" if away else "INFO", "{}", away)
        clock.now += 1
    clock.now += 3
    repeats.write()
    assert said(lines) == [
        "1",
        "0",
        "1 (29 lines like this in the last minute; no longer so)",
        "0 (29 lines like this in the last minute)",
    ]


def test_thirty_who_have_one_fault_in_common_tell_it_once(repeats, clock, lines):
    states = [StateLog(repeats) for _ in range(30)]
    for state in states:
        state.enter("UNAVAILABLE", "WARNING", "jobs cannot be fetched")
    clock.now += 60
    repeats.write()
    assert said(lines) == [
        "jobs cannot be fetched",
        "jobs cannot be fetched (30 lines like this in the last minute)",
    ]
