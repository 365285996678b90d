"""`workflow set-scope` for all instances whose incidents the options choose."""

import pytest
from tests.support.diagrams import one_task
from tests.support.on_call import GATE, on_call

REPAIR = ("--process", "order", "--error", "CONDITION_ERROR", "--var", "amount=5")


@pytest.fixture
def stand():
    with on_call() as stand:
        stand.run(stand.gateway.deploy([GATE, one_task("pay_order", "pay")]))
        stand.start_instances("order", [{"amount": 0}] * 3)
        stand.start_instances("pay_order", [{}])
        stand.fail("pay_order_pay")
        yield stand


def test_a_dry_run_says_which_instances_and_what_and_changes_nothing(stand):
    text = stand.said("set-scope", *REPAIR, "--dry-run")
    assert "3 would be set: amount=5" in text
    assert text.count("order") == 3
    stand.said("incidents", "resolve", "--process", "order", code=1)


def test_all_of_them_are_repaired_and_do_not_come_back(stand):
    assert "3 set: amount=5" in stand.said("set-scope", *REPAIR)
    text = stand.said("incidents", "resolve", "--process", "order")
    assert "3 resolved, none came back" in text
    assert len(stand.open) == 1


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (("--element", "choose"), 3),
        (("--element", "pay"), 1),
        (("--error", "JOB_NO_RETRIES"), 1),
        (("--older-than", "3650d"), 0),
        (("--all",), 4),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_instances_are_chosen_as_incidents_are(stand, chosen, count):
    found = stand.said("set-scope", *chosen, "--var", "x=1", "--dry-run", "--json")
    assert len(found["elements"]) == count
    assert found["set"] == {"x": 1}


def test_a_variable_that_the_element_has_of_its_own_is_the_one_that_is_set(stand):
    task = one_task("check_order", "check", more="out.a==assert(x,x>1)")
    stand.run(stand.gateway.deploy([task]))
    (instance,) = stand.start_instances("check_order", [{"x": 5}])
    # The result x=1 is the task's own until its mapping succeeds.
    stand.complete("check_order_check", {"x": 1})
    stand.said("set-scope", instance, "--var", "x=2")
    stand.said("incidents", "resolve", "--process", "check_order", code=1)
    stand.said("set-scope", "--process", "check_order", "--var", "x=2")
    assert "none came back" in stand.said("incidents", "resolve", "--process", "check_order")


def test_an_instance_that_is_gone_stops_no_other(stand):
    (instance,) = stand.start_instances("order", [{"amount": 0}])
    stand.behind = True
    stand.run(stand.gateway.cancel_instance(instance))
    text = stand.said("set-scope", *REPAIR)
    assert "3 set, 1 gone: amount=5" in text
    assert str(instance) in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--var", "x=1"), "set-scope: which?"),
        (("1", "--process", "order", "--var", "x=1"), "not both"),
        (("1", "--dry-run", "--var", "x=1"), "not both"),
        (("--process", "order"), "nothing to set"),
    ],
)
def test_what_is_not_clear_changes_nothing(stand, arguments, said):
    assert said in stand.said("set-scope", *arguments, code=2)


def test_where_nothing_matches_it_is_said(stand):
    text = stand.said("set-scope", "--process", "other", "--var", "x=1")
    assert "no open incident matches" in text
