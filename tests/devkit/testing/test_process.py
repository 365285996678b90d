"""Whole processes on the embedded engine."""

import asyncio
from datetime import timedelta

import pytest

from workflow_devkit.testing import assert_that
from workflow_runtime import CommandFailed, WorkflowBuilder, WorkflowTask
from workflow_runtime.gateway.errors import ResourceExhausted, Unavailable


async def test_an_instance_runs_to_where_it_waits(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        assert_that(instance).is_active().is_waiting_at("payment").has_scope(reserved=True)
        assert_that(instance).has_passed("placed", "reserve", "f1").has_not_passed("late", "f4")
        assert instance.scope == {"orderId": "1", "reserved": True}


async def test_an_event_and_a_mock_bring_it_to_its_end(process_environment, builder):
    async with process_environment(builder) as process:
        shipping = process.mock("order_ship", {"parcel": 7})
        instance = await process.start("order", {"orderId": "1"})
        await process.publish("order_paid", correlation_key="1", scope={"amount": 3})
        await process.wait_idle()
        assert_that(instance).is_completed().has_passed_in_order("reserve", "paid", "ship")
        assert_that(instance).has_scope(parcel=7, amount=3).has_no_incident()
        assert shipping.calls == [{"orderId": "1", "reserved": True, "amount": 3}]


async def test_thirty_days_pass_in_no_time(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "1"})
        before = process.clock.now()
        await process.clock.advance(days=29)
        await process.wait_idle()
        assert_that(instance).is_waiting_at("payment")
        await process.clock.advance(timedelta(days=1))
        await process.wait_idle()
        assert_that(instance).is_completed().has_passed("late", "expired")
        assert process.clock.now() - before == timedelta(days=30)


async def test_the_clock_does_not_go_back(process_environment, builder):
    async with process_environment(builder) as process:
        with pytest.raises(ValueError, match="cannot go back"):
            await process.clock.advance(days=-1)


async def test_idle_time_is_skipped_on_demand(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "1"})
        await process.skip_idle()
        assert_that(instance).is_completed().has_passed("expired")


async def test_an_environment_that_skips_idle_time_never_stands_still(process_environment, builder):
    async with process_environment(builder, skip_idle=True) as process:
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        assert_that(instance).is_completed().has_passed("expired")


async def test_a_failing_handler_backs_off_then_becomes_an_incident(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "broken"})
        await process.wait_idle()
        assert_that(instance).is_waiting_at("reserve").has_no_incident()
        await process.clock.advance(minutes=10)
        incident = assert_that(instance).has_incident("reserve", message="warehouse")
        await process.workflow.set_scope(instance.key, {"orderId": "1"})
        await process.workflow.resolve_incident(incident.key, job_key=incident.job_key)
        await process.wait_idle()
        assert_that(instance).has_no_incident().is_waiting_at("payment")


async def test_a_mock_may_fail_or_compute(process_environment, builder):
    async with process_environment(builder) as process:
        process.mock("order_ship", lambda task: {"to": task.get_scope_variable("orderId")})
        instance = await process.start("order", {"orderId": "1"})
        await process.publish("order_paid", correlation_key="1")
        await process.wait_idle()
        assert_that(instance).is_completed().has_scope(to="1")


async def test_a_handler_of_the_service_can_be_replaced(process_environment, builder):
    failing = ConnectionError("down")
    async with process_environment(builder, mocks={"order_reserve": failing}) as process:
        instance = await process.start("order", {"orderId": "1"})
        await process.clock.advance(hours=1)
        assert_that(instance).has_incident("reserve", message="down")


async def test_mocking_an_own_task_says_how_to_do_it(process_environment, builder):
    async with process_environment(builder) as process:
        with pytest.raises(ValueError, match=r"mocks=\{'order_reserve'"):
            process.mock("order_reserve", {})


async def test_a_refused_command_is_sent_again(process_environment, builder):
    async with process_environment(builder) as process:
        process.faults.refuse("complete_job", ResourceExhausted("slow down"), times=2)
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        assert_that(instance).is_waiting_at("payment")
        assert process.faults.calls.count("complete_job") == 3


async def test_a_lost_answer_harms_nothing(process_environment, builder):
    async with process_environment(builder) as process:
        process.faults.lose_answer("complete_job")
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        assert_that(instance).is_waiting_at("payment").has_passed("reserve", times=1)


async def test_while_disconnected_nobody_is_there(process_environment, builder):
    async with process_environment(builder) as process:
        await process.wait_idle()
        process.faults.disconnect()
        with pytest.raises(Unavailable):
            await process.gateway.topology()
        process.faults.reconnect()
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        assert_that(instance).is_waiting_at("payment")


async def test_an_unknown_command_cannot_fail_on_purpose(process_environment, builder):
    async with process_environment(builder) as process:
        with pytest.raises(ValueError, match="did you mean 'complete_job'"):
            process.faults.refuse("complet_job")


async def test_a_delayed_command_only_costs_time(process_environment, builder):
    async with process_environment(builder) as process:
        process.faults.delay("complete_job", 0.05, times=1)
        instance = await process.start("order", {"orderId": "1"})
        await process.wait_idle()
        assert_that(instance).is_waiting_at("payment").has_scope(reserved=True)


async def test_a_frozen_engine_is_waited_for(process_environment, builder):
    async with process_environment(builder) as process:
        await process.workflow.deployed()
        process.faults.freeze("create_instance")
        starting = asyncio.ensure_future(process.start("order", {"orderId": "1"}))
        await process.publish("order_paid", correlation_key="2")
        assert not starting.done()
        process.faults.thaw()
        instance = await starting
        await process.wait_idle()
        assert_that(instance).is_waiting_at("payment")


async def test_refusals_by_chance_are_the_same_in_each_run(process_environment, builder):
    calls = []
    for _ in range(2):
        async with process_environment(builder) as process:
            process.faults.refuse("publish_message", times=-1, probability=0.5)
            for number in range(5):
                await process.publish("order_paid", correlation_key=f"{number}")
            calls.append(process.faults.calls.count("publish_message"))
    assert calls[0] == calls[1] > 5


async def test_a_handler_that_never_ends_is_named(process_environment, diagram, monkeypatch):
    monkeypatch.setattr(
        "workflow_devkit.testing._environments.backends.EmbeddedBackend.patience", 0.05
    )

    async def endless(task: WorkflowTask):
        await asyncio.Event().wait()

    builder = WorkflowBuilder("orders", "embedded://").with_process(diagram)
    builder.with_handler("order_reserve", endless)
    async with process_environment(builder) as process:
        await process.start("order", {"orderId": "1"})
        with pytest.raises(TimeoutError, match="order_reserve"):
            await process.wait_idle()
        await process.workflow.stop(grace=0)


async def test_an_unknown_process_is_refused(process_environment, builder):
    async with process_environment(builder) as process:
        with pytest.raises(CommandFailed, match="nowhere"):
            await process.start("nowhere")


async def test_two_environments_know_nothing_of_each_other(process_environment, builder, diagram):
    other = WorkflowBuilder("other", "embedded://").with_process(diagram)
    async with process_environment(builder) as one, process_environment(other) as two:
        first = await one.start("order", {"orderId": "1"})
        second = await two.start("order", {"orderId": "1"})
        await one.wait_idle()
        await two.wait_idle()
        assert_that(first).has_passed("reserve")
        assert_that(second).is_waiting_at("reserve")


async def test_an_instance_can_be_seen_in_its_diagram(process_environment, builder):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "gone"})
        await process.wait_idle()
        svg = instance.picture()
    assert "Reserve the goods (reserve): 1 instance waits here, 1 open incident" in svg
    assert "<title>placed: passed once</title>" in svg


async def test_an_instance_shows_the_way_that_it_took_behind_an_event_gateway(
    process_environment, builder
):
    async with process_environment(builder) as process:
        instance = await process.start("order", {"orderId": "1"})
        await process.clock.advance(days=30)
        await process.wait_idle()
        svg = instance.picture()
    assert "<title>f4: passed once</title>" in svg
    assert "<title>f3</title>" in svg
