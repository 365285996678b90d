"""Failure injection: each fault strikes whom it should, as often as it should, and nobody else."""

import asyncio
import random

import grpc
import pytest
from tests.support.diagrams import one_task
from tests.support.zeebe_stubs import GatewayStub, pb

from workflow_devkit.engine import Engine
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.grpc_server import RPCS, serve
from workflow_runtime.gateway.errors import GatewayError, ResourceExhausted

WORK = one_task("work", "do", "do")


@pytest.fixture
def faults():
    return Faults(random.Random(7).random, names=RPCS)


async def outcome(faults, rpc="CompleteJob"):
    """What a caller is told, and whether the call was executed."""
    executed = False
    try:
        async with faults.around(rpc):
            executed = True
    except GatewayError as error:
        return error.status, executed
    return "OK", executed


async def outcomes(faults, count, rpc="CompleteJob"):
    return [await outcome(faults, rpc) for _ in range(count)]


FINE = ("OK", True)


async def test_without_a_wish_nothing_goes_wrong(faults):
    assert await outcomes(faults, 10) == [FINE] * 10
    assert faults.hits == {}


async def test_a_call_fails_so_often_with_the_status_and_is_not_executed(faults):
    faults.fail("CompleteJob", "RESOURCE_EXHAUSTED", times=2)
    assert await outcomes(faults, 3) == [("RESOURCE_EXHAUSTED", False)] * 2 + [FINE]
    assert await outcome(faults, "FailJob") == FINE
    assert faults.hits == {"CompleteJob": 2}


async def test_failures_come_in_the_order_in_which_they_were_wished(faults):
    faults.fail("CompleteJob", "ABORTED")
    faults.fail("CompleteJob", "NOT_FOUND")
    assert [status for status, _ in await outcomes(faults, 3)] == ["ABORTED", "NOT_FOUND", "OK"]


async def test_an_error_of_ones_own_is_raised_as_it_is(faults):
    error = ResourceExhausted("slow down")
    faults.fail("CompleteJob", error)
    with pytest.raises(ResourceExhausted) as caught:
        async with faults.around("CompleteJob"):
            pass
    assert caught.value is error


async def test_a_lost_answer_follows_a_call_that_was_executed(faults):
    faults.lose_answer("CompleteJob", times=2)
    assert await outcomes(faults, 3) == [("UNAVAILABLE", True)] * 2 + [FINE]


async def test_chance_strikes_about_its_share_and_is_repeatable():
    runs = []
    for seed in (1, 1, 2):
        faults = Faults(random.Random(seed).random, names=RPCS)
        faults.fail("CompleteJob", times=-1, probability=0.25)
        runs.append([status for status, _ in await outcomes(faults, 400)])
        assert 60 < runs[-1].count("UNAVAILABLE") < 140
    assert runs[0] == runs[1] != runs[2]


async def test_by_chance_too_no_more_than_so_often(faults):
    faults.fail("CompleteJob", times=5, probability=0.5)
    told = [status for status, _ in await outcomes(faults, 100)]
    assert told.count("UNAVAILABLE") == 5


@pytest.fixture
def slept(monkeypatch):
    naps = []

    async def sleep(seconds):
        naps.append(seconds)

    monkeypatch.setattr("workflow_devkit.engine.faults.asyncio.sleep", sleep)
    return naps


async def test_a_delayed_call_is_executed_later(faults, slept):
    faults.delay("CompleteJob", 0.5, times=2)
    assert await outcomes(faults, 3) == [FINE] * 3
    assert slept == [0.5, 0.5]


async def test_delays_add_up_and_a_failure_comes_after_them(faults, slept):
    faults.delay("CompleteJob", 1)
    faults.delay("CompleteJob", 2, times=1)
    faults.fail("CompleteJob")
    assert await outcomes(faults, 2) == [("UNAVAILABLE", False), FINE]
    assert slept == [1, 2, 1]


async def test_frozen_calls_wait_until_they_are_thawed(faults):
    faults.freeze()
    calls = [asyncio.ensure_future(outcome(faults, rpc)) for rpc in ("CompleteJob", "Topology")]
    done, _ = await asyncio.wait(calls, timeout=0)
    assert not done
    faults.thaw()
    assert await asyncio.gather(*calls) == [FINE, FINE]


async def test_one_kind_of_call_can_be_frozen_alone(faults):
    faults.freeze("CompleteJob")
    frozen = asyncio.ensure_future(outcome(faults))
    assert await outcome(faults, "Topology") == FINE
    assert not frozen.done()
    faults.thaw("Topology")
    await asyncio.sleep(0)
    assert not frozen.done()
    faults.thaw("CompleteJob")
    assert await frozen == FINE


async def test_a_thawed_call_meets_the_failure_that_waits_for_it(faults):
    faults.freeze()
    faults.fail("CompleteJob")
    call = asyncio.ensure_future(outcome(faults))
    await asyncio.sleep(0)
    faults.thaw()
    assert await call == ("UNAVAILABLE", False)


async def test_cleared_faults_are_forgotten_and_what_was_frozen_goes_on(faults):
    faults.fail("CompleteJob", times=-1)
    faults.delay("CompleteJob", 3600)
    faults.freeze()
    call = asyncio.ensure_future(outcome(faults))
    await asyncio.sleep(0)
    faults.clear()
    assert await call == FINE


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (lambda f: f.fail("CompletJob"), "no command 'CompletJob'; did you mean 'CompleteJob'?"),
        (lambda f: f.freeze("Nonsense"), "no command 'Nonsense'; known: ActivateJobs, "),
        (
            lambda f: f.fail("CompleteJob", "UN_AVAILABLE"),
            "no gRPC status 'UN_AVAILABLE'; did you mean 'UNAVAILABLE'?",
        ),
        (
            lambda f: f.delay("CompleteJob", -1),
            "a delay of -1 seconds: expected 0 or more",
        ),
        (
            lambda f: f.fail("CompleteJob", probability=5),
            "a probability of 5: expected one from 0 to 1",
        ),
    ],
)
def test_a_wish_that_can_never_come_true_is_refused(faults, wish, text):
    with pytest.raises(ValueError) as caught:
        wish(faults)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("rpc", sorted(RPCS))
async def test_each_call_over_the_line_can_fail_with_any_code(rpc):
    faults = Faults(names=RPCS)
    server = await serve(Engine(), faults=faults)
    faults.fail(rpc, "RESOURCE_EXHAUSTED", times=-1)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = getattr(GatewayStub(channel), rpc)(getattr(pb, f"{rpc}Request")(), timeout=5)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await (call.read() if hasattr(call, "__aiter__") else call)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caught.value.details() == f"injected: {rpc} answers RESOURCE_EXHAUSTED"
    await server.stop()
