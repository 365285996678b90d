"""What opens and closes again and again: the first ones, then a summary, two notices a minute."""

from datetime import timedelta

import pytest
from tests.runtime.alerts.raised import alert

from workflow_runtime.alerts.flapping import Flapping
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.text import Wording

WORDING = Wording()
OPEN, CLOSED = WORDING.incident(alert()), WORDING.resolved(alert(), 1)


def story(changes, until):
    """What is told second by second: ``changes`` says in which second which notices come."""
    flapping, told = Flapping(), []
    for now in range(until + 1):
        news = [flapping.take(notice, float(now)) for notice in changes.get(now, ())]
        told += [(now, each) for each in [*filter(None, news), *flapping.due(float(now))]]
    return told


def every(seconds, times, *, first=0):
    """Open and closed in turns."""
    return {first + n * seconds: [OPEN if n % 2 == 0 else CLOSED] for n in range(times)}


def kinds(told):
    return [(now, str(notice.kind)) for now, notice in told]


def most_in_a_minute(told):
    times = [now for now, _ in told]
    return max(sum(start <= now < start + 60 for now in times) for start in times)


def test_the_first_ones_are_told_and_then_how_often_and_what_it_is_now():
    told = story(every(5, 28), 600)
    assert kinds(told)[:3] == [(0, "incident"), (5, "resolved"), (60, "flapping")]
    assert told[2][1].title == "Flaps: order: pay, opened 7 times in 60 s, now open"
    assert "ValueError: no" in told[2][1].body
    assert kinds(told)[3:] == [(435, "resolved")]
    assert "It had flapped, and has been resolved for 5 min." in told[3][1].body


def test_what_flaps_for_an_hour_is_told_every_ten_minutes():
    told = story(every(5, 720), 3600)
    assert kinds(told)[2:] == [(60 + 600 * n, "flapping") for n in range(6)]
    assert told[-1][1].title.startswith("Flaps: order: pay, opened 61 times in 10 min")


@pytest.mark.parametrize("seconds", [1, 5, 20, 29, 45, 61, 90, 150, 299])
@pytest.mark.parametrize("times", [4, 5, 9, 40])
def test_never_more_than_two_a_minute_and_the_last_that_is_told_is_so(seconds, times):
    told = story(every(seconds, times), seconds * times + 400)
    assert most_in_a_minute(told) <= 2
    last = told[-1][1]
    closed = last.kind is Kind.RESOLVED or last.title.endswith("now resolved")
    assert closed == (times % 2 == 0)


@pytest.mark.parametrize("seconds", [3, 10, 25, 70, 119])
def test_what_stays_open_in_the_end_is_known_within_two_minutes(seconds):
    changes = every(seconds, 11)
    told = story(changes, max(changes) + 120)
    assert told[-1][1].kind is not Kind.RESOLVED
    assert not told[-1][1].title.endswith("now resolved")


def test_one_that_comes_back_in_the_same_minute_is_told_as_it_is_once_there_is_room():
    told = story({0: [OPEN], 10: [CLOSED], 20: [OPEN]}, 300)
    assert kinds(told) == [(0, "incident"), (10, "resolved"), (60, "incident")]


def test_one_that_came_back_and_went_in_the_same_minute_is_one_notice():
    told = story({0: [OPEN], 10: [CLOSED], 20: [OPEN], 30: [CLOSED]}, 299)
    assert kinds(told) == [(0, "incident"), (10, "resolved"), (60, "flapping")]
    assert told[2][1].title.endswith("opened 2 times in 60 s, now resolved")


def test_what_happens_seldom_does_not_flap():
    told = story(every(400, 8), 3200)
    assert [str(notice.kind) for _, notice in told] == ["incident", "resolved"] * 4


def test_each_kind_flaps_by_itself():
    other = WORDING.incident(alert(element="ship"))
    told = story(every(5, 20) | {93: [other]}, 94)
    assert (93, "incident") in kinds(told)


def test_what_is_resolved_again_and_again_without_repair_comes_back_and_does_not_flap():
    back = WORDING.came_back(alert(), 3, 2)
    told = story({0: [OPEN]} | {n * 70: [back] for n in range(1, 6)}, 500)
    assert [str(notice.kind) for _, notice in told] == ["incident"] + ["came_back"] * 5


def test_what_comes_back_more_than_twice_a_minute_is_told_with_its_last_count():
    changes = {n: [WORDING.came_back(alert(), 1, n + 1)] for n in range(1, 20)}
    told = story({0: [OPEN]} | changes, 300)
    assert most_in_a_minute(told) <= 2
    assert told[-1][1].title == WORDING.came_back(alert(), 1, 20).title


def test_a_replica_that_does_not_hear_of_ends_says_nothing_about_what_is_now():
    told = story({n * 10: [OPEN] for n in range(8)}, 100)
    assert told[-1][1].title == "Flaps: order: pay, opened 7 times in 60 s"


def test_what_is_about_no_incident_is_counted_by_its_title():
    parked = [
        Notice(Kind.SERVICE, "shop: event paid cannot be sent", f"id {n}") for n in range(300)
    ]
    told = story({n: [notice] for n, notice in enumerate(parked)}, 2000)
    titles = [(now, notice.title) for now, notice in told]
    assert titles[:3] == [
        (0, "shop: event paid cannot be sent"),
        (1, "shop: event paid cannot be sent"),
        (60, "shop: event paid cannot be sent (59 more times)"),
    ]
    assert titles[3:] == [(660, "shop: event paid cannot be sent (239 more times)")]


def test_at_the_end_of_the_service_all_is_told():
    flapping = Flapping()
    for now in range(10):
        flapping.take(OPEN if now % 2 == 0 else CLOSED, float(now))
    (notice,) = flapping.due(10.0, forced=True)
    assert notice.title == "Flaps: order: pay, opened 5 times in 10 s, now resolved"


def test_few_kinds_are_remembered():
    flapping = Flapping()
    for number in range(3000):
        flapping.take(WORDING.incident(alert(element=f"e{number}")), float(number))
    assert len(flapping._kinds) <= 1000
    flapping.due(timedelta(hours=2).total_seconds())
    assert not flapping._kinds
