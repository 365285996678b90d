"""Processes that go round for ever: the engine says where, and goes on with the rest."""

from datetime import timedelta

import pytest
from tests.devkit.engine import diagrams

from workflow_devkit.engine import ControlledClock, Engine, endless, store
from workflow_devkit.engine import engine as engine_module
from workflow_devkit.engine import gateway as embedded
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.gateway.errors import GatewayInternal

COUNTING = (
    '<bpmn:scriptTask id="count"><bpmn:extensionElements>'
    '<zeebe:script expression="={}" resultVariable="n"/></bpmn:extensionElements></bpmn:scriptTask>'
)
CHOICE = (
    '<bpmn:exclusiveGateway id="more" default="more_end"/>'
    '<bpmn:sequenceFlow id="again" sourceRef="more" targetRef="count">'
    '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={}</bpmn:conditionExpression>'
    "</bpmn:sequenceFlow>"
)


def counting(condition):
    return diagrams.process(
        "counting",
        diagrams.start() + COUNTING.format("n + 1") + CHOICE.format(condition) + diagrams.end(),
        "start>count",
        "count>more",
        "more>end",
    )


TIMED = diagrams.process(
    "timed",
    diagrams.start()
    + '<bpmn:exclusiveGateway id="merge"/>'
    + diagrams.catch("nap", diagrams.timer("PT0S")),
    "start>merge",
    "merge>nap",
    "nap>merge",
)
REMINDING = diagrams.process(
    "reminding",
    diagrams.start()
    + diagrams.task("do")
    + diagrams.boundary("now", "do", diagrams.timer("R/PT0S", "timeCycle"), interrupting=False)
    + diagrams.end()
    + diagrams.end("told"),
    "start>do",
    "do>end",
    "now>told",
)
STARTING = diagrams.process(
    "starting",
    diagrams.start(diagrams.timer("R/PT0S", "timeCycle")) + diagrams.end(),
    "start>end",
)
PAUSE = diagrams.process(
    "pause",
    diagrams.start() + diagrams.catch("wait", diagrams.timer("PT0.2S")) + diagrams.end(),
    "start>wait",
    "wait>end",
)
WORK = diagrams.process(
    "work", diagrams.start() + diagrams.task("do") + diagrams.end(), "start>do", "do>end"
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Hundreds of thousands take seconds; the counting is the same."""
    monkeypatch.setattr(store, "FIRST_STEPS", 100)
    monkeypatch.setattr(store, "MOST_STEPS", 2_000)
    monkeypatch.setattr(engine_module, "MOST_TIMERS", 500)


@pytest.fixture
def engine():
    engine = Engine(ControlledClock(), keep_records=0)
    engine.deploy([WORK])
    return engine


def test_the_limits_leave_room_for_large_instances():
    assert endless.MOST_STEPS >= 400_000
    assert endless.MOST_TIMERS >= 100_000


@pytest.mark.parametrize(
    ("process", "place"),
    [(counting("true"), "(count|more)"), (TIMED, "nap"), (REMINDING, "now")],
)
def test_an_endless_instance_is_stopped_and_named(engine, process, place):
    engine.deploy([process])
    name = process.name.removesuffix(".bpmn")
    with pytest.raises(GatewayInternal, match=rf"process '{name}' \({process.name}\).*'{place}'"):
        engine.create_instance(name, {"n": 0})


def test_the_others_go_on_and_the_stopped_one_can_be_cancelled(engine):
    engine.deploy([counting("true")])
    with pytest.raises(GatewayInternal) as caught:
        engine.create_instance("counting", {"n": 0})
    stopped = int(str(caught.value).split(": ")[1].split(" ")[0])
    engine.create_instance("work", {})
    (job,) = engine.activate_jobs("do", "w", 1000, 1)
    engine.complete_job(job.key, {})
    assert engine.instance(stopped) is not None
    engine.cancel_instance(stopped)
    assert engine.instance(stopped) is None


def test_a_process_that_a_timer_starts_without_end_is_stopped(engine):
    with pytest.raises(GatewayInternal, match=r"'starting'.*stopped at 'start'"):
        engine.deploy([STARTING])
    engine.advance(timedelta(days=1))


def test_a_loop_that_ends_is_left_alone(engine):
    engine.deploy([counting("n &lt; 100")])
    instance = engine.create_instance("counting", {"n": 0})
    assert engine.instance(instance.key) is None


def test_many_instances_at_once_are_not_one_that_is_endless(engine):
    listening = diagrams.process(
        "listening",
        diagrams.start()
        + diagrams.catch("wait", '<bpmn:signalEventDefinition id="s" signalRef="S"/>')
        + diagrams.end(),
        "start>wait",
        "wait>end",
        top='<bpmn:signal id="S" name="all"/>',
    )
    engine.deploy([listening])
    keys = [engine.create_instance("listening", {}).key for _ in range(2_000)]
    engine.broadcast_signal("all", {})
    assert not any(engine.instance(key) for key in keys)


async def test_what_a_timer_has_begun_is_told_in_the_log_and_other_timers_fire(monkeypatch):
    told = []
    monkeypatch.setattr(embedded.logger, "error", lambda text, error: told.append(str(error)))
    gateway = EmbeddedGateway(Engine())
    later = diagrams.process(
        "later",
        diagrams.start()
        + diagrams.catch("wait", diagrams.timer("PT0.05S"))
        + COUNTING.format("n + 1")
        + CHOICE.format("true")
        + diagrams.end(),
        "start>wait",
        "wait>count",
        "count>more",
        "more>end",
    )
    await gateway.deploy([later, PAUSE])
    await gateway.create_instance("later", {"n": 0})
    result = await gateway.create_instance_with_result("pause", {}, timeout=timedelta(seconds=20))
    assert result.scope == {}
    assert len(told) == 1
    assert "process 'later'" in told[0]
    await gateway.close()
