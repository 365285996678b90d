"""What a failed assertion tells is what people read first in the morning."""

import pytest

from workflow_devkit.testing import assert_that


@pytest.fixture
async def waiting(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        yield instance


@pytest.fixture
async def stuck(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "broken"})
        await process.clock.advance(hours=1)
        yield instance


def told(call):
    with pytest.raises(AssertionError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("word", "expectation"),
    [
        (lambda i: assert_that(i).is_completed(), "to be completed"),
        (lambda i: assert_that(i).is_cancelled(), "to be cancelled"),
        (lambda i: assert_that(i).is_waiting_at("ship"), "to be waiting at ship 'Ship'"),
        (lambda i: assert_that(i).has_passed("ship", "f7"), "to have passed ship 'Ship', f7"),
        (lambda i: assert_that(i).has_passed("f1", times=2), "to have passed f1 2 times, not 1"),
        (
            lambda i: assert_that(i).has_passed_in_order("reserve", "placed"),
            "to have passed reserve -> placed; placed is not in its place",
        ),
        (
            lambda i: assert_that(i).has_not_passed("reserve"),
            "not to have passed reserve 'Reserve the goods'",
        ),
        (lambda i: assert_that(i).has_no_variable("orderId"), "to have no variable orderId"),
        (
            lambda i: assert_that(i).has_incident("reserve", message="x"),
            "to have an incident at reserve 'Reserve the goods' with 'x'",
        ),
    ],
)
async def test_each_word_says_what_was_expected(waiting, word, expectation):
    assert f"expected order ({waiting.key}) {expectation}\n" in told(lambda: word(waiting))


async def test_a_scope_is_compared_name_by_name(waiting):
    said = told(lambda: assert_that(waiting).has_scope(orderId="2", reserved=True, parcel=7))
    assert "orderId    is '1', expected '2'" in said
    assert "parcel     is missing, expected 7" in said
    assert "reserved   is" not in said


async def test_the_whole_picture_comes_with_every_failure(waiting):
    said = told(lambda: assert_that(waiting).is_completed())
    assert "state      active" in said
    assert "path       placed -> reserve 'Reserve the goods'" in said
    assert "waiting at payment" in said
    assert 'scope      {"orderId": "1", "reserved": true}' in said
    assert "incidents  none" in said


async def test_jobs_and_incidents_are_part_of_the_picture(stuck):
    said = told(lambda: assert_that(stuck).has_no_incident())
    assert "open jobs  order_reserve at reserve, retries 0, needs a person" in said
    assert "incidents  JOB_NO_RETRIES at reserve: ConnectionError: the warehouse is away" in said


async def test_an_id_that_the_diagram_lacks_is_a_mistake_of_the_test(waiting):
    said = told(lambda: assert_that(waiting).has_not_passed("reserv"))
    assert said == "no element 'reserv' in process 'order'; did you mean 'reserve'?"


async def test_sentences_go_on_after_an_incident(stuck):
    incident = assert_that(stuck).has_incident("reserve").is_active().is_waiting_at("reserve")
    assert (incident.error_type, incident.element_id) == ("JOB_NO_RETRIES", "reserve")
