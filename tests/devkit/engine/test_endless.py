"""Processes that go round for ever: the engine says where, and goes on with the rest."""

from datetime import timedelta

import pytest
from tests.support.diagrams import one_task, resource

from workflow_devkit.engine import ControlledClock, Engine, endless_loops, store
from workflow_devkit.engine import engine as engine_module
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.gateway.errors import GatewayInternal


def counting(condition):
    return resource(
        f"""
        start start
        script count eval="=n + 1" into=n
        xor more
        end end
        start -> count -> more
        more -> count if ={condition}
        more -> end default
        """,
        "counting",
    )


LATER = resource(
    """
    start start
    catch wait timer.duration=PT0.05S
    script count eval="=n + 1" into=n
    xor more
    end end
    start -> wait -> count -> more
    more -> count if =true
    more -> end default
    """,
    "later",
)


TIMED = resource(
    """
    start start
    xor merge
    catch nap timer.duration=PT0S
    start -> merge -> nap -> merge
    """,
    "timed",
)
REMINDING = resource(
    """
    start start
    service do job=do
    boundary now on=do passive timer.cycle=R/PT0S
    end end
    end told
    start -> do -> end
    now -> told
    """,
    "reminding",
)
STARTING = resource("start start timer.cycle=R/PT0S\nend end\nstart -> end", "starting")
PAUSE = resource(
    """
    start start
    catch wait timer.duration=PT0.2S
    end end
    start -> wait -> end
    """,
    "pause",
)
WORK = one_task("work", "do", "do")


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
    assert endless_loops.MOST_STEPS >= 400_000
    assert endless_loops.MOST_TIMERS >= 100_000


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
    engine.deploy([counting("n < 100")])
    instance = engine.create_instance("counting", {"n": 0})
    assert engine.instance(instance.key) is None


def test_many_instances_at_once_are_not_one_that_is_endless(engine):
    listening = """
    start start
    catch wait signal=all
    end end
    start -> wait -> end
    """
    engine.deploy([resource(listening, "listening")])
    keys = [engine.create_instance("listening", {}).key for _ in range(2_000)]
    engine.broadcast_signal("all", {})
    assert not any(engine.instance(key) for key in keys)


async def test_what_a_timer_has_begun_is_told_in_the_log_and_other_timers_fire(monkeypatch):
    told = []
    monkeypatch.setattr(
        "workflow_devkit.engine.gateway.logger.error", lambda text, error: told.append(str(error))
    )
    gateway = EmbeddedGateway(Engine())
    await gateway.deploy([LATER, PAUSE])
    await gateway.create_instance("later", {"n": 0})
    result = await gateway.create_instance_with_result("pause", {}, timeout=timedelta(seconds=20))
    assert result.scope == {}
    assert len(told) == 1
    assert "process 'later'" in told[0]
    await gateway.close()
