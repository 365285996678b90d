"""A trace runs from who starts a process through its tasks, whatever service they are in."""

import asyncio
from itertools import pairwise

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.diagrams import bpmn

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowIncident, WorkflowSettings
from workflow_runtime.publishing.outbox import Outbox
from workflow_runtime.telemetry import logs, tracing

_BPMN = bpmn(
    """
    start start
    start paid message=order_paid
    service pay job=order_pay
    service ship job=order_ship
    end end
    start -> pay -> ship -> end
    paid -> pay
    """,
    "order",
)

_DEPOT = bpmn(
    """
    start ordered message=depot_ordered
    service fetch job=depot_fetch
    ordered -> fetch
    """,
    "depot",
)


def service(tmp_path, engine, job_type, handler, name):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)
    builder = WorkflowBuilder(
        settings=WorkflowSettings(service_name=name, tracing=True, long_poll=0.02),
        gateway=EmbeddedGateway(engine),
    )
    return builder.with_process(tmp_path / "order.bpmn").with_handler(job_type, handler)


def by_name(spans):
    return {span.name: span for span in spans.get_finished_spans()}


class OnlyThis(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: int = 0


@pytest.mark.parametrize("how", ["start", "event"])
async def test_two_services_and_the_starter_are_one_trace(tmp_path, spans, how):
    engine, done, scopes = Engine(), asyncio.Event(), []

    async def pay(task):
        scopes.append(dict(task.scope))

    async def ship(scope: OnlyThis):
        done.set()

    shop = service(tmp_path, engine, "order_pay", pay, "shop")
    depot = WorkflowBuilder(
        settings=WorkflowSettings(service_name="depot", tracing=True, long_poll=0.02),
        gateway=shop._gateway,
    ).with_handler("order_ship", ship)
    async with shop.running() as workflow, depot.running():
        await workflow.deployed()
        with trace.get_tracer("test").start_as_current_span("request") as request:
            if how == "start":
                await workflow.start_process("order", {"amount": 5})
            else:
                await workflow.publish_event("order_paid", scope={"amount": 5})
        await asyncio.wait_for(done.wait(), 10)
    finished, sent = by_name(spans), "start order" if how == "start" else "publish order_paid"
    assert set(finished) == {"request", sent, "process order_pay", "process order_ship"}
    assert len({span.context.trace_id for span in finished.values()}) == 1
    assert finished[sent].parent.span_id == request.get_span_context().span_id
    assert finished[sent].kind is SpanKind.PRODUCER
    assert finished["process order_ship"].parent.span_id == finished[sent].context.span_id
    assert finished["process order_pay"].attributes["workflow.outcome"] == "completed"
    assert scopes == [{"amount": 5}]


async def test_a_starter_without_a_trace_begins_one(tmp_path, spans):
    async def pay(task):
        pass

    async def ship(task):
        pass

    shop = service(tmp_path, Engine(), "order_pay", pay, "shop").with_handler("order_ship", ship)
    async with shop.running() as workflow:
        assert await workflow.start_process_and_wait("order") == {}
    finished = by_name(spans)
    assert set(finished) == {"start order", "process order_pay", "process order_ship"}
    assert len({span.context.trace_id for span in finished.values()}) == 1


async def test_an_event_that_a_handler_publishes_carries_the_trace_on(tmp_path, spans):
    engine, done = Engine(), asyncio.Event()
    (tmp_path / "depot.bpmn").write_bytes(_DEPOT)

    async def pay(task):
        await shops[0].publish_event("depot_ordered", correlation_key="1", scope={"shelf": 7})

    async def ship(task):
        pass

    async def fetch(task):
        assert task.scope["shelf"] == 7
        done.set()

    shop = service(tmp_path, engine, "order_pay", pay, "shop").with_handler("order_ship", ship)
    depot = WorkflowBuilder(
        settings=WorkflowSettings(service_name="depot", tracing=True, long_poll=0.02),
        gateway=shop._gateway,
    )
    depot.with_process(tmp_path / "depot.bpmn").with_handler("depot_fetch", fetch)
    shops = []
    async with depot.running() as other, shop.running() as workflow:
        shops.append(workflow)
        await other.deployed()
        await workflow.start_process("order")
        await asyncio.wait_for(done.wait(), 10)
    finished = by_name(spans)
    chain = ["start order", "process order_pay", "publish depot_ordered", "process depot_fetch"]
    for earlier, later in pairwise(chain):
        assert finished[later].parent.span_id == finished[earlier].context.span_id


@pytest.mark.parametrize("how", ["later", "outbox"])
async def test_an_event_that_waits_belongs_to_the_trace_in_which_it_was_written(
    tmp_path, spans, how
):
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    paid = asyncio.Queue()

    async def pay(task):
        await paid.put(None)

    await outbox.create_table()
    shop = service(tmp_path, Engine(), "order_pay", pay, "shop").with_outbox(outbox)
    async with shop.running() as workflow:
        await workflow.deployed()
        for name in ("first", "second"):
            with trace.get_tracer("test").start_as_current_span(name):
                if how == "later":
                    workflow.publish_later("order_paid", scope={"name": name})
                else:
                    async with AsyncSession(outbox.engine) as session, session.begin():
                        await outbox.publish(session, "order_paid", scope={"name": name})
            await asyncio.wait_for(paid.get(), 10)
    await outbox.engine.dispose()
    traces = {}
    for span in spans.get_finished_spans():
        traces.setdefault(span.context.trace_id, set()).add(span.name)
    expected = {"publish order_paid", "process order_pay"}
    assert sorted(map(sorted, traces.values())) == [
        sorted({"first", *expected}),
        sorted({"second", *expected}),
    ]


async def test_an_incident_is_an_error_in_the_trace(tmp_path, spans):
    told = asyncio.Event()

    async def pay(task):
        raise WorkflowIncident("no")

    async def ring(notice):
        told.set()

    shop = service(tmp_path, Engine(), "order_pay", pay, "shop").with_alerts(ring)
    async with shop.running() as workflow:
        await workflow.start_process("order")
        await asyncio.wait_for(told.wait(), 10)
    span = by_name(spans)["process order_pay"]
    assert span.status.description.startswith("WorkflowIncident in pay (")
    assert span.attributes["workflow.outcome"] == "incident"
    assert span.attributes["error.type"] == "WorkflowIncident"


async def test_without_a_trace_nothing_is_added_to_the_scope():
    assert tracing.Tracing().carry({"a": 1}) == {"a": 1}


def test_a_start_that_fails_is_an_error_without_the_text_of_it(spans):
    with pytest.raises(ValueError, match="4111"), tracing.Tracing().sending("start", "order", {}):
        raise ValueError("refused: card 4111")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description.startswith("ValueError in ")
    assert span.attributes["error.type"] == "ValueError"
    assert "4111" not in span.to_json()


def test_log_lines_carry_the_trace(spans):
    with trace.get_tracer("test").start_as_current_span("request") as span:
        ids = logs._trace()
    assert ids["trace_id"] == trace.format_trace_id(span.get_span_context().trace_id)
    assert logs._trace() == {}
