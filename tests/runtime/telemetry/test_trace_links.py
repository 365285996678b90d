"""An instance keeps its trace, whatever event comes to it; failures say what they were."""

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support.diagrams import bpmn, one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    BpmnError,
    CommandFailed,
    Retry,
    WorkflowBuilder,
    WorkflowSettings,
)
from workflow_runtime.publishing.outbox import Outbox

_BPMN = bpmn(
    """
    start start
    start asked message=order_asked
    service pay job=order_pay
    catch wait message=order_paid key==id
    catch later message=order_sent key==id
    service ship job=order_ship
    service tell job=order_tell
    end end
    start -> pay -> wait -> ship -> later -> tell -> end
    asked -> pay
    """,
    "order",
)


class Typed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str


@pytest.fixture
def service(tmp_path):
    (tmp_path / "order.bpmn").write_bytes(_BPMN)

    settings = WorkflowSettings(service_name="shop", tracing=True, long_poll=0.02)
    builder = WorkflowBuilder(settings=settings, gateway=EmbeddedGateway(Engine()))
    builder.seen = []

    async def all_of_it(task):
        builder.seen.append(dict(task.scope))

    async def some_of_it(scope: Typed):
        builder.seen.append(scope.model_dump())

    builder.with_process(tmp_path / "order.bpmn").with_handler("order_pay", all_of_it)
    builder.with_handler("order_ship", some_of_it).with_handler("order_tell", all_of_it)
    return builder


def by_name(spans):
    return {span.name: span for span in spans.get_finished_spans()}


def linked(span):
    return [link.context.span_id for link in span.links]


async def publish(how, outbox, workflow, name, scope):
    if how == "later":
        workflow.publish_later(name, correlation_key="7", scope=scope)
    elif how == "outbox":
        async with AsyncSession(outbox.engine) as session, session.begin():
            await outbox.publish(session, name, correlation_key="7", scope=scope)
    else:
        await workflow.publish_event(name, correlation_key="7", scope=scope)


@pytest.mark.parametrize("how", ["now", "later", "outbox"])
@pytest.mark.parametrize("start", ["start", "event"])
async def test_an_event_is_linked_with_the_trace_of_the_instance_that_it_comes_to(
    tmp_path, service, spans, start, how
):
    outbox = Outbox(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    await outbox.create_table()
    builder = service.with_outbox(outbox)
    tracer = trace.get_tracer("test")
    # What surrounds the start of a service has nothing to do with its jobs.
    with tracer.start_as_current_span("startup"):
        workflow = await builder.run()
    await workflow.deployed()
    with tracer.start_as_current_span("first request"):
        if start == "start":
            await workflow.start_process("order", {"id": "7"})
        else:
            await workflow.publish_event("order_asked", scope={"id": "7"})
    for number, name in enumerate(("order_paid", "order_sent"), 1):
        await until(lambda: len(builder.seen) == number)  # noqa: B023 - at once
        with tracer.start_as_current_span(f"request {name}"):
            await publish(how, outbox, workflow, name, {"card": "4111"})
    await until(lambda: "process order_tell" in by_name(spans))
    await workflow.stop()
    await outbox.engine.dispose()
    found = by_name(spans)
    begin = found["start order" if start == "start" else "publish order_asked"]
    traces = {name: span.context.trace_id for name, span in found.items()}
    for name in ("process order_pay", "process order_ship", "process order_tell"):
        assert traces[name] == traces["first request"] == begin.context.trace_id
        assert found[name].parent.span_id == begin.context.span_id
    for name in ("order_paid", "order_sent"):
        assert traces[f"publish {name}"] == traces[f"request {name}"] != traces["first request"]
    assert linked(found["process order_pay"]) == []
    assert linked(found["process order_ship"]) == [found["publish order_paid"].context.span_id]
    assert linked(found["process order_tell"]) == [found["publish order_sent"].context.span_id]
    assert [name for name, each in traces.items() if each == traces["startup"]] == ["startup"]
    # Nobody meets what carries the traces, and no span shows what is in a scope.
    assert builder.seen == [{"id": "7"}, {"id": "7"}, {"id": "7", "card": "4111"}]
    assert "4111" not in "".join(span.to_json() for span in spans.get_finished_spans())


async def test_names_and_attributes_are_those_of_the_conventions_for_messaging(service, spans):
    async with service.running() as workflow:
        await workflow.start_process("order", {"id": "7"})
        await until(lambda: "process order_pay" in by_name(spans))
        await workflow.broadcast_signal("tick")
    found = by_name(spans)
    for name, operation, kind in (
        ("start order", "send", SpanKind.PRODUCER),
        ("broadcast tick", "send", SpanKind.PRODUCER),
        ("process order_pay", "process", SpanKind.CONSUMER),
    ):
        attributes = found[name].attributes
        assert attributes["messaging.system"] == "zeebe"
        assert attributes["messaging.operation.type"] == operation
        assert name == (
            f"{attributes['messaging.operation.name']} {attributes['messaging.destination.name']}"
        )
        assert found[name].kind is kind
        assert found[name].status.status_code is StatusCode.UNSET
        assert "error.type" not in attributes
    job = found["process order_pay"].attributes
    assert job["messaging.message.id"] == job["workflow.job_key"]
    assert job["messaging.message.conversation_id"] == job["workflow.instance_key"]


class Declined(Exception):
    """Of the payment service."""


def plain():
    raise Declined("card 4111")


def waited():
    try:
        plain()
    except Declined as error:
        raise Retry(0, "card 4111") from error


def modelled():
    try:
        plain()
    except Declined as error:
        raise BpmnError("declined", "card 4111") from error


def grouped():
    try:
        plain()
    except Declined as error:
        raise ExceptionGroup("card 4111", [error]) from None


def caused():
    try:
        plain()
    except Declined as error:
        raise LookupError("card 4111") from error


RAISED = {
    "an exception": (plain, "Declined", "failed", "", "plain"),
    "a retry": (waited, "Declined", "failed", "Retry", "plain"),
    "a BPMN error": (modelled, "Declined", "bpmn_error", "BpmnError", "plain"),
    "a group of one": (grouped, "Declined", "failed", "ExceptionGroup", "plain"),
    "with a cause": (caused, "LookupError", "failed", "", "caused"),
}


@pytest.mark.parametrize("texts", [False, True], ids=["no texts", "texts"])
@pytest.mark.parametrize(
    ("fail", "kind", "outcome", "raised_as", "place"), RAISED.values(), ids=RAISED
)
async def test_a_failed_attempt_says_what_it_was_and_its_text_only_if_wanted(
    tmp_path, spans, fail, kind, outcome, raised_as, place, texts
):
    async def handler(task):
        fail()

    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay").content)
    settings = WorkflowSettings(tracing=True, long_poll=0.02, log_exception_texts=texts)
    builder = WorkflowBuilder(settings=settings, gateway=EmbeddedGateway(Engine()))
    builder.with_process(tmp_path / "order.bpmn").with_handler("order_pay", handler)
    async with builder.running() as workflow:
        await workflow.start_process("order", {"id": "7"})
        await until(lambda: "process order_pay" in by_name(spans))
    span = next(each for each in spans.get_finished_spans() if each.name == "process order_pay")
    assert span.attributes["error.type"] == kind
    assert span.attributes["workflow.outcome"] == outcome
    # What the diagram waits for is no failure of the attempt.
    expected = StatusCode.UNSET if outcome == "bpmn_error" else StatusCode.ERROR
    assert span.status.status_code is expected
    (event,) = span.events
    told = event.attributes
    assert (event.name, told["exception.type"]) == ("exception", kind)
    assert told.get("workflow.raised_as", "") == raised_as
    assert (told["code.file.path"], told["code.function.name"]) == (__file__, place)
    assert ("caused by Declined" in told["exception.stacktrace"]) is (place == "caused")
    assert ("4111" in span.to_json()) is ("4111" in told.get("exception.message", "")) is texts


async def test_a_refusal_is_named_by_its_status(service, spans):
    async with service.running() as workflow:
        with pytest.raises(CommandFailed):
            await workflow.start_process("nothing")
    span = by_name(spans)["start nothing"]
    assert span.attributes["error.type"] == "NOT_FOUND"
    assert span.status.status_code is StatusCode.ERROR
