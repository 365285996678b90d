"""A false statement is found: it is compared with the engine's records."""

from collections import Counter

import pytest
from tests.night import truth
from tests.night.situation import Situation
from tests.night.statements import Statement


class Records:
    """An engine whose incidents at one element came (+1) and went (-1) at these seconds."""

    def __init__(self, *steps):
        value = {"bpmnProcessId": "order", "elementId": "pay"}
        self._steps = [(at, step, {"value": value}) for at, step in steps]

    def incidents(self):
        return self._steps


class Told:
    """A stage on which these statements were made."""

    fault_at = 1.0

    def __init__(self, engine, *statements):
        self.engine = engine
        self._statements = statements

    def statements(self):
        return self._statements


def notice(at, title, body=""):
    return Statement(at, "notice", "pager", title, body)


def situation(**more):
    told = (r"notice Incident in order: pay", r"notice Resolved: order: pay", r"rule Fine")
    return Situation("pay", "pay", play=None, tells=told, **more)


def found(engine, *statements, **more):
    return list(truth.falsehoods(Told(engine, *statements), situation(**more)))


def test_resolved_is_false_while_one_is_open():
    engine = Records((10, 1), (10, 1), (20, -1))
    assert found(engine, notice(100, "Resolved: order: pay")) == [
        "'Resolved: order: pay' while 1 were open"
    ]


def test_resolved_is_true_when_none_was_open_a_moment_ago():
    engine = Records((10, 1), (70, -1), (90, 1))
    assert found(engine, notice(100, "Resolved: order: pay", "1 incident resolved")) == []


def test_a_count_above_what_was_raised_is_false():
    engine = Records((10, 1), (20, -1))
    assert found(engine, notice(100, "Resolved: order: pay", "2 incidents resolved, none")) == [
        "'2 incidents ' of 1: Resolved: order: pay"
    ]


def test_a_rule_that_does_not_belong_here_is_a_false_alarm():
    assert found(Records(), Statement(9, "rule", "prometheus", "Other: words")) == [
        "false alarm: rule Other: words"
    ]


def test_what_is_told_before_anything_happened_is_false():
    assert found(Records(), Statement(0.5, "rule", "prometheus", "Fine: words")) == [
        "told before anything had happened: rule Fine: words"
    ]


def test_an_incident_is_told_once_by_all_replicas_together():
    engine = Records((10, 1), (10, 1))
    first = notice(11, "Incident in order: pay")
    assert found(engine, first, notice(12, "Incident in order: pay")) == [
        "told twice: Incident in order: pay"
    ]


@pytest.mark.parametrize(("level", "count"), [("INFO", 0), ("WARNING", 1)])
def test_a_loud_line_that_is_not_so_is_false(level, count):
    line = Statement(9, "log", "replica 1", f"{level} the processes are not deployed")
    assert len(found(Records(), line, untrue=("not deployed",))) == count


def test_what_completed_twice_or_not_at_all_is_not_well():
    class Engine:
        def completed(self):
            return Counter({1: 1, 2: 2})

        def open_incidents(self):
            return 3

    stage = Told(Engine())
    stage.registrations = {1: "ann", 2: "bob", 3: "eve"}
    assert list(truth.state_after(stage)) == [
        "1 of 3 registrations did not complete",
        "instance 2 completed 2 times",
        "3 incidents are still open",
    ]
