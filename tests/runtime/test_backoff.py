"""The one formula of growing waits."""

import pytest

from workflow_runtime.backoff import Backoff, exponential
from workflow_runtime.gateway.errors import GatewayInternal, Unauthenticated, Unavailable
from workflow_runtime.gateway.retrying import GatewayBackoff


def test_waits_double_up_to_the_longest_however_many_failures_there_are():
    waits = [exponential(n, initial=1.0, maximum=60.0) for n in (1, 2, 3, 6, 7, 8, 100_000)]
    assert waits == [1, 2, 4, 32, 60, 60, 60]


def test_a_success_begins_with_the_shortest_wait_again():
    backoff = Backoff(initial=1.0, maximum=8.0, jitter=0.0)
    assert [backoff.next() for _ in range(5)] == [1, 2, 4, 8, 8]
    backoff.reset()
    assert backoff.next() == 1


@pytest.mark.parametrize(("chance", "share"), [(0.0, 0.5), (1.0, 1.0)])
def test_half_of_each_wait_is_left_to_chance(chance, share):
    backoff = Backoff(initial=1.0, maximum=8.0, rand=lambda: chance)
    assert [backoff.next() for _ in range(2)] == [1 * share, 2 * share]


def test_what_people_have_to_repair_is_tried_again_slowly():
    backoff = GatewayBackoff(rand=lambda: 1.0)
    answers = [
        Unavailable("away"),
        Unauthenticated("no"),
        GatewayInternal("no", code="UNIMPLEMENTED"),
        Unavailable("away"),
    ]
    assert [backoff.after(answer) for answer in answers] == [0.05, 5.0, 5.0, 0.1]
