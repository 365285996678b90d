"""Claims of replicas at the engine: one has it, as long as it keeps its word."""

import pytest
from tests.runtime.alerts.replicas import Stand

from workflow_runtime.alerts.claims import Claims, Ring


@pytest.fixture(params=[False, True], ids=["messages expire at once", "in sweeps"])
def stand(request):
    return Stand(sweeping=request.param)


@pytest.fixture
def ring(stand):
    return lambda: Ring(Claims(stand.gateway, "shop"), "watcher", 40)


async def test_one_of_two_has_it_as_long_as_it_renews_it(stand, ring):
    one, other = ring(), ring()
    assert await one.take()
    for _ in range(240):
        await stand.pass_(15)
        assert not await other.take()
        assert await one.renew()


async def test_it_is_free_some_time_after_the_last_renewal(stand, ring):
    one, other = ring(), ring()
    assert await one.take()
    await one.renew()
    await stand.pass_(35)
    assert await other.holds()
    await stand.pass_(70)
    assert await other.take()


async def test_several_that_keep_it_up_together_take_one_id_a_round(stand, ring):
    rings = [ring() for _ in range(5)]
    assert await rings[0].take()
    taken = 0
    for _ in range(100):
        taken += sum([await each.renew() for each in rings])
        assert await rings[0].holds()
        await stand.pass_(15)
    assert taken < 150
    # Any of them may be the last one.
    for _ in range(20):
        await rings[4].renew()
        await stand.pass_(15)
        assert await rings[0].holds()


async def test_services_of_different_names_have_claims_of_their_own(stand):
    assert await Claims(stand.gateway, "shop").take("x", 40)
    assert await Claims(stand.gateway, "mail").take("x", 40)
    assert not await Claims(stand.gateway, "shop").take("x", 40)
