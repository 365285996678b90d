"""`workflow resolve`, of one and of many: what came of it is said."""

import threading

import pytest
from tests.support.diagrams import one_task, resource
from tests.support.on_call import GATE, on_call
from tests.support.waiting import until

from workflow_runtime.cli import _look_again

_TWO_GATES = resource(
    """
    start start
    xor choose
    xor decide
    end end
    start -> choose
    choose -> decide if =amount > 1
    decide -> end if =total > 1
    """,
    "two",
)


@pytest.fixture
def stand(monkeypatch):
    monkeypatch.setattr(_look_again, "_PAUSE", 0.05)
    with on_call() as stand:
        stand.run(stand.gateway.deploy([GATE, _TWO_GATES, one_task("pay_order", "pay")]))
        yield stand


def set_amount(stand, instance, **scope):
    stand.run(stand.gateway.set_variables(instance, scope, local=False))


def test_conditions_that_nobody_repaired_came_back_and_it_is_a_failure(stand):
    instances = stand.start_instances("order", [{"amount": 0}] * 30)
    set_amount(stand, instances[7], amount=5)
    text = stand.said("incidents", "resolve", "--process", "order", code=1)
    assert "30 resolved, 29 came back: CONDITION_ERROR in order: choose\n" in text
    assert "Next: workflow incidents show" in text
    assert len(stand.open) == 29


def test_programs_are_told_which_came_back(stand):
    stand.start_instances("order", [{"amount": 0}, {"amount": 0}])
    found = stand.said("incidents", "resolve", "--all", "--json", code=1)
    assert found["summary"] == {"resolved": 2}
    assert sorted(each["key"] for each in found["came_back"]) == stand.open
    assert found["not_known"] == 0


def test_what_was_repaired_does_not_come_back(stand):
    (instance,) = stand.start_instances("order", [{"amount": 0}])
    set_amount(stand, instance, amount=5)
    text = stand.said("incidents", "resolve", "--all")
    assert "1 resolved, none came back within" in text


def test_one_that_stops_at_the_next_element_did_not_come_back_but_stands(stand):
    (instance,) = stand.start_instances("two", [{"amount": 0, "total": 0}])
    set_amount(stand, instance, amount=5)
    text = stand.said("incidents", "resolve", "--all", code=1)
    assert "1 stopped at another element: CONDITION_ERROR in two: decide" in text
    assert "came back" not in text


def test_kinds_are_counted_apart(stand):
    stand.start_instances("order", [{"amount": 0}] * 3)
    stand.start_instances("two", [{"amount": 0, "total": 0}] * 2)
    text = stand.said("incidents", "resolve", "--all", code=1)
    counts = "3 CONDITION_ERROR in order: choose, 2 CONDITION_ERROR in two: choose"
    assert f"5 resolved, 5 came back: {counts}" in text


def test_a_job_that_fails_again_while_one_looks_came_back(stand):
    stand.start_instances("pay_order", [{}])
    stand.fail("pay_order_pay")
    first = stand.open

    def fail_again():
        stand.run(until(lambda: not stand.open))
        assert stand.fail("pay_order_pay", "still refused") == 1

    worker = threading.Thread(target=fail_again)
    worker.start()
    text = stand.said("incidents", "resolve", *first, code=1)
    worker.join()
    assert "1 resolved, 1 came back: JOB_NO_RETRIES in pay_order: pay" in text
    assert "still refused" in text


def test_an_operate_that_is_behind_is_no_good_news(stand):
    stand.start_instances("order", [{"amount": 0}])
    stand.behind = True
    text = stand.said("incidents", "resolve", "--all", "--wait", "200ms", code=5)
    assert "1 resolved, 1 not known: Operate still shows them as open" in text


def test_an_operate_that_catches_up_is_waited_for(stand):
    stand.start_instances("order", [{"amount": 0}])
    stand.behind, first = True, stand.open

    async def catch_up():
        await until(lambda: stand.open != first)
        seen = len(stand.operate.requests)
        await until(lambda: len(stand.operate.requests) > seen + 4)
        stand.catch_up()

    importer = threading.Thread(target=lambda: stand.run(catch_up()))
    importer.start()
    assert "1 came back" in stand.said("incidents", "resolve", "--all", code=1)
    importer.join()


def test_who_does_not_want_to_wait_is_told_nothing_of_what_came_of_it(stand):
    stand.start_instances("order", [{"amount": 0}])
    text = stand.said("incidents", "resolve", "--all", "--wait", "0s")
    assert text == "1 resolved\n"


def test_a_single_one_that_comes_back_is_told(stand):
    stand.start_instances("order", [{"amount": 0}])
    text = stand.said("resolve", *stand.open, code=1)
    assert "resolved, 1 came back: CONDITION_ERROR in order: choose" in text


def test_the_job_of_a_single_one_is_found(stand):
    stand.start_instances("pay_order", [{}])
    stand.fail("pay_order_pay")
    assert "none came back" in stand.said("resolve", *stand.open)


def test_a_single_one_is_resolved_without_operate_and_it_is_said_what_is_not_known(stand):
    stand.start_instances("order", [{"amount": 0}])
    first = stand.open
    text = stand.said("resolve", *first, WORKFLOW_OPERATE_URL="")
    assert "resolved; whether it comes back only Operate shows" in text
    assert stand.open != first


def test_a_single_one_is_resolved_while_operate_is_away(stand):
    stand.start_instances("order", [{"amount": 0}])
    first = stand.open
    text = stand.said("resolve", *first, WORKFLOW_OPERATE_URL="http://127.0.0.1:1", code=5)
    assert f"{first[0]}: resolved, not known what came of it" in text
    assert "Operate at http://127.0.0.1:1" in text
    assert stand.open != first


def test_a_key_of_another_kind_is_told_what_it_is(stand):
    (instance,) = stand.start_instances("order", [{"amount": 0}])
    (incident,) = stand.open
    text = stand.said("incidents", "resolve", instance, code=1)
    assert f"not open: {instance}, it is the instance of incident {incident}" in text
    text = stand.said("resolve", instance, code=1)
    assert f"it is the instance of incident {incident}" in text
