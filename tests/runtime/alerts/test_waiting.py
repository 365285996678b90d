"""What waits for a channel: the urgent first, nothing untrue, nothing lost."""

import pytest
from tests.runtime.alerts.raised import alert

from workflow_runtime.alerts.limits import RateLimit
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.text import Wording
from workflow_runtime.alerts.waiting import Waiting

WORDING = Wording()
SERVICE = Notice(Kind.SERVICE, "shop: event paid cannot be sent", "too large")


def incident(element="pay"):
    return WORDING.incident(alert(element=element))


def resolved(element="pay"):
    return WORDING.resolved(alert(element=element), 3)


def more(element="pay", count=40):
    return WORDING.repeated(alert(element=element), count)


def queue(*notices, per_minute=100, at=0.0):
    waiting = Waiting("shop", RateLimit(per_minute, 0.0))
    for notice in notices:
        waiting.put(notice, at)
    return waiting


def told(waiting, now=0.0, **options):
    """Everything that goes at one time."""
    notices = []
    while batch := waiting.take(now, **options):
        waiting.taken()
        notices.append(batch.notice)
    return notices


def titles(notices):
    return [notice.title for notice in notices]


def test_what_is_urgent_goes_before_counts_and_those_before_good_news():
    told_now = told(queue(resolved("a"), more("b"), incident("c"), resolved("d"), SERVICE))
    assert titles(told_now) == [
        "Incident in order: c",
        "shop: event paid cannot be sent",
        "40 more incidents in order: b",
        "Resolved: order: a",
        "Resolved: order: d",
    ]


def test_good_news_leaves_half_of_what_a_minute_has_to_what_is_urgent():
    waiting = queue(*[resolved(f"e{n}") for n in range(6)], per_minute=4)
    assert len(told(waiting)) == 2
    waiting.put(incident("x"), 0.0)
    waiting.put(incident("y"), 0.0)
    assert titles(told(waiting)) == ["Incident in order: x", "Incident in order: y"]


def test_a_limit_of_one_a_minute_lets_good_news_through_too():
    assert titles(told(queue(resolved(), per_minute=1))) == ["Resolved: order: pay"]


def test_what_the_limit_holds_back_is_one_notice_for_each_urgency():
    waiting = queue(*[incident(f"e{n}") for n in range(4)], per_minute=2)
    for n in range(3):
        waiting.put(resolved(f"r{n}"), 0.0)
    assert len(told(waiting)) == 2
    first, second = told(waiting, 600.0, forced=True)
    assert (first.kind, first.count) == (Kind.HELD_BACK, 2)
    assert "Resolved" not in first.body
    assert (second.kind, second.count) == (Kind.RESOLVED, 3)
    assert "Resolved: order: r2" in second.body


def test_an_incident_that_was_resolved_before_anybody_heard_is_told_once_with_its_end():
    waiting = queue(incident("pay"))
    waiting.put(resolved("pay"), 20.0)
    (notice,) = told(waiting, 30.0)
    assert notice.title == "Incident in order: pay, resolved meanwhile"
    assert notice.kind is Kind.RESOLVED
    assert "3 incidents resolved" in notice.body
    assert "ValueError: no" in notice.body


def test_an_end_never_overtakes_the_incident_that_a_channel_has_refused():
    waiting = queue(incident("pay"))
    waiting.take(0.0)
    waiting.put(resolved("pay"), 1.0)
    waiting.failed()
    assert titles(told(waiting, 2.0)) == ["Incident in order: pay, resolved meanwhile"]


def test_an_end_that_comes_while_its_incident_is_sent_is_told_after_it():
    waiting = queue(incident("pay"))
    waiting.take(0.0)
    waiting.put(resolved("pay"), 20.0)
    waiting.taken()
    assert titles(told(waiting, 30.0)) == ["Resolved: order: pay"]


@pytest.mark.parametrize("again", [incident("pay"), more("pay")])
def test_good_news_that_is_good_no_more_is_not_told(again):
    waiting = queue(resolved("pay"), resolved("ship"), again)
    assert titles(told(waiting)) == [again.title, "Resolved: order: ship"]


def test_a_channel_that_was_away_hears_the_first_and_then_the_rest_as_one():
    waiting = queue(*[incident(f"e{n}") for n in range(30)])
    for now in range(0, 2400, 30):
        assert waiting.take(now) is not None
        waiting.failed()
    first, rest = told(waiting, 2400.0)
    assert first.title.startswith("Incident in order: ")
    assert first.title.endswith(", late by 40 min")
    assert rest.title == "29 more alerts of shop, late by 40 min"
    assert "Incident in order: e19\nand others" in rest.body


def test_a_channel_that_was_away_for_a_day_loses_no_urgent_notice_and_keeps_few():
    waiting = queue()
    for n in range(5000):
        waiting.put(incident(f"e{n}"), float(n))
    assert len(waiting.all()) == 100
    notices = told(waiting, 90_000.0)
    assert sum(notice.count for notice in notices) == 5000


def test_a_notice_that_a_channel_refuses_does_not_keep_the_others():
    waiting, told_titles, lost = queue(SERVICE, incident("pay"), incident("ship")), [], []
    for now in range(100):
        if not (batch := waiting.take(float(now))):
            break
        if batch.notice.alert is None:  # a function that reads notice.alert.element_id
            waiting.failed()
        else:
            told_titles.append(batch.notice.title)
            lost += waiting.taken()
            waiting.put(incident(f"e{now}"), float(now))
    assert told_titles[:2] == ["Incident in order: pay", "Incident in order: ship"]
    assert [entry.notice for entry in lost] == [SERVICE]


def test_a_channel_that_takes_no_sums_hears_each_incident_by_itself():
    waiting, told_titles = queue(*[incident(f"e{n}") for n in range(4)]), []
    for now in range(100, 1000, 30):
        if batch := waiting.take(float(now)):
            if batch.notice.alert is None:
                waiting.failed()
            else:
                told_titles.append(batch.notice.title.partition(",")[0])
                assert waiting.taken() == []
    assert sorted(told_titles) == [f"Incident in order: e{n}" for n in range(4)]


def test_each_notice_is_counted_in_what_has_become_of_it():
    waiting, counted = queue(*[incident(f"e{n}") for n in range(150)], more("e1")), 0
    for n in range(150):
        waiting.put(resolved(f"e{n}"), 10.0)
    while batch := waiting.take(5000.0, forced=True):
        waiting.taken()
        counted += sum(entry.stands_for for entry in batch.entries)
    assert counted == 301
