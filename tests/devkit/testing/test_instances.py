"""Instances that a test did not start itself are found, asserted on, and told apart."""

import asyncio
import json
from datetime import timedelta

import pytest
from tests.support.diagrams import bpmn

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing import ProcessEnvironment, assert_that
from workflow_devkit.testing._environments.backends import BrokerBackend
from workflow_runtime import WorkflowBuilder, WorkflowTask
from workflow_runtime.gateway.errors import NotFound

ORDER = """
    start placed message=orderPlaced
    service reserve job=reserve
    call bill process=invoice
    end done
    placed -> reserve -> bill -> done
"""
INVOICE = """
    start asked
    catch paid message=invoicePaid key==orderId
    end done
    asked -> paid -> done
"""
REPORT = """
    start daily timer.cycle=R1/PT24H
    end done
    daily -> done
"""
ALARM = """
    start heard signal=alarm
    end done
    heard -> done
"""
DIAGRAMS = {"order": ORDER, "invoice": INVOICE, "report": REPORT, "alarm": ALARM}


async def reserve(task: WorkflowTask):
    return {"reserved": bool(task.get_scope_variable("orderId"))}


@pytest.fixture
def builder(tmp_path):
    for name, text in DIAGRAMS.items():
        (tmp_path / f"{name}.bpmn").write_bytes(bpmn(text, name))
    return (
        WorkflowBuilder("orders", "embedded://")
        .with_process(tmp_path)
        .with_handler("reserve", reserve)
    )


@pytest.fixture
async def broker(tmp_path):
    """An environment on a gateway behind gRPC whose records are in a file, as a broker's are."""
    records = tmp_path / "records.jsonl"
    engine = Engine(keep_records=0)
    with records.open("a") as file:

        def write(record):
            file.write(json.dumps(record.as_dict(), default=str) + "\n")
            file.flush()

        engine.records.subscribe(write)
        server = await serve(engine, host="127.0.0.1", port=0)

        def backend(settings):
            there = settings.model_copy(update={"address": f"http://127.0.0.1:{server.port}"})
            return BrokerBackend(there, str(records), "", pytest.skip)

        yield ProcessEnvironment(backend)
        await server.stop()


async def test_what_an_event_starts_is_found_and_asserted_on(process_environment, builder):
    async with process_environment(builder) as process:
        await process.publish("orderPlaced", scope={"orderId": "1"})
        order = await process.instance("order")
        await process.wait_idle()
        assert_that(order).is_active().is_waiting_at("bill").has_scope(orderId="1", reserved=True)
        bill = await process.instance("invoice")
        assert_that(bill).is_waiting_at("paid")
        await process.publish("invoicePaid", correlation_key="1")
        await process.wait_idle()
        assert_that(order).is_completed()
        assert_that(bill).is_completed()
        assert process.instances() == [order, bill]


async def test_what_a_timer_and_a_signal_start_is_found(process_environment, builder):
    async with process_environment(builder) as process:
        assert process.instances("report") == []
        await process.clock.advance(days=1)
        assert_that(await process.instance("report")).is_completed()
        await process.workflow.broadcast_signal("alarm", {"why": "fire"})
        assert_that(await process.instance("alarm")).is_completed().has_scope(why="fire")


async def test_one_is_waited_for_while_a_handler_works_on_it(process_environment, builder):
    async with process_environment(builder) as process:
        await process.publish("orderPlaced", scope={"orderId": "1"})
        assert_that(await process.instance("invoice")).is_active()


async def test_one_that_is_there_is_not_waited_for(process_environment, builder):
    go_on = asyncio.Event()

    async def blocked():
        await go_on.wait()

    builder.without_handler("reserve").with_handler("reserve", blocked)
    async with process_environment(builder) as process:
        await process.publish("orderPlaced", scope={"orderId": "1"})
        assert_that(await process.instance("order")).is_waiting_at("reserve")
        go_on.set()


async def test_several_are_told_apart_by_their_variables(process_environment, builder):
    async with process_environment(builder) as process:
        for number in ("1", "2", "2"):
            await process.publish("orderPlaced", scope={"orderId": number, "rush": None})
        await process.wait_idle()
        first = await process.instance("order", orderId="1")
        assert_that(first).has_scope(orderId="1")
        both = process.instances("order", orderId="2", rush=None)
        assert [each.scope["orderId"] for each in both] == ["2", "2"]
        assert process.instances("order") == [first, *both]
        assert process.instances("order", rush=False, orderId="1") == []
        with pytest.raises(AssertionError, match="but there are 3") as caught:
            await process.instance("order")
        assert f"order ({first.key}) active" in str(caught.value)
        assert "instance('order', name=...)" in str(caught.value)


async def test_none_is_a_failure_that_shows_what_there_is(process_environment, builder):
    async with process_environment(builder) as process:
        with pytest.raises(AssertionError, match="there is none, nor of any other process"):
            await process.instance("order")
        await process.publish("orderPlaced", scope={"orderId": "1"})
        with pytest.raises(AssertionError, match="but there is none") as caught:
            await process.instance("order", orderId="2")
        assert """one instance of 'order' with {"orderId": "2"}""" in str(caught.value)
        assert """active {"orderId": "1", "reserved": true}""" in str(caught.value)


async def test_a_process_that_no_diagram_has_is_a_mistake_of_the_test(process_environment, builder):
    async with process_environment(builder) as process:
        with pytest.raises(AssertionError, match=r"no process 'ordr'.*did you mean 'order'"):
            process.instances("ordr")
        with pytest.raises(AssertionError, match=r"no process 'ordr'.*did you mean 'order'"):
            await process.instance("ordr")


async def test_what_is_no_instance_of_the_kit_is_refused_with_the_way_to_one(
    process_environment, builder
):
    async with process_environment(builder) as process:
        started = await process.workflow.start_process("invoice", {"orderId": "1"})
        with pytest.raises(TypeError, match=r"found ProcessInstance; .*process\.instance"):
            assert_that(started)
        assert (await process.instance("invoice")).key == started.key


@pytest.mark.slow
async def test_the_same_is_found_on_a_broker(broker, builder):
    async with broker(builder) as process:
        await process.publish("orderPlaced", scope={"orderId": "1"})
        order = await process.instance("order")
        assert_that(await process.instance("invoice", orderId="1")).is_active()
        await process.wait_idle()
        assert_that(order).is_waiting_at("bill")


@pytest.mark.slow
async def test_on_a_shared_broker_only_what_the_test_has_begun_is_ended(broker, builder):
    async with broker(builder) as process:
        await process.workflow.deployed()
        # Past the kit, as another program's.
        gateway = process._backend.gateway
        theirs = await gateway.create_instance("invoice", {"orderId": "2"})
        await gateway.publish_message(
            "orderPlaced", "", {"orderId": "3"}, time_to_live=timedelta(0)
        )
        ours = await process.start("invoice", {"orderId": "4"})
        handled = await process.workflow.start_process("invoice", {"orderId": "5"})
        await process.publish("orderPlaced", scope={"orderId": "6"})
        await process.wait_idle()
        begun = {each.scope["orderId"]: each.key for each in process.instances("invoice")}
        assert (begun["2"], begun["4"], begun["5"]) == (theirs.key, ours.key, handled.key)
    ended = []
    async with broker(builder) as process:
        gateway = process._backend.gateway
        for order, key in begun.items():
            try:
                await gateway.set_variables(key, {}, local=True)
            except NotFound:
                ended.append(order)
    assert sorted(ended) == ["4", "5", "6"]


@pytest.mark.slow
async def test_instances_of_an_earlier_test_are_ended_and_not_found(broker, builder):
    async with broker(builder) as process:
        await process.publish("orderPlaced", scope={"orderId": "1"})
        await process.instance("invoice")
        earlier = process.instances()
    async with broker(builder) as process:
        await process.publish("orderPlaced", scope={"orderId": "1"})
        await process.instance("invoice")
        await process.publish("invoicePaid", correlation_key="1")
        await process.wait_idle()
        found = process.instances()
        assert len(found) == 2
        assert not {*found} & {*earlier}
        for each in found:
            assert_that(each).is_completed()
