"""Rules of docs/engine/semantics.md that no recorded scenario shows."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.diagrams import one_task, resource

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.gateway.errors import DeadlineExceeded, InvalidArgument, NotFound
from workflow_runtime.gateway.values import Resource


def work(process_id, more="", job="do"):
    return one_task(process_id, "do", job, more)


@pytest.fixture
def engine():
    return Engine(ControlledClock(), keep_records=None)


def variables(engine, instance):
    """The variables of an instance's scopes, by element."""
    return {
        token.node.id: dict(token.locals or {})
        for token in engine.tokens(instance.key)
        if token.locals
    }


def incidents(engine):
    return [(incident.error_type, incident.message) for incident in engine.incidents]


def test_a_value_equal_to_the_one_it_meets_goes_on_to_the_root(engine):
    engine.deploy([work("main")])
    instance = engine.create_instance("main", {})
    (job,) = engine.activate_jobs("do", "w", 1000, 1)
    engine.set_variables(job.element_instance_key, {"same": 1, "other": 1}, local=True)
    engine.set_variables(job.element_instance_key, {"same": 1, "other": 2})
    assert variables(engine, instance) == {"do": {"same": 1, "other": 2}, "main": {"same": 1}}


def test_a_call_activity_starts_the_version_that_is_the_latest_then(engine):
    caller = "start start\ncall call process=child\nend end\nstart -> call -> end"
    engine.deploy([resource(caller, "main"), work("child", job="old")])
    engine.create_instance("main", {})
    engine.deploy([work("child", job="new")])
    engine.create_instance("main", {})
    assert [job.type for job in engine.jobs] == ["old", "new"]


def test_a_sequential_body_ends_with_the_list_of_then(engine):
    engine.deploy([work("main", "each==items item=item sequential")])
    instance = engine.create_instance("main", {"items": ["a", "b", "c"]})
    (job,) = engine.activate_jobs("do", "w", 1000, 1)
    engine.complete_job(job.key, {"items": ["x", "y"]})
    (job,) = engine.activate_jobs("do", "w", 1000, 1)
    assert (job.variables["item"], job.variables["loopCounter"]) == ("y", 2)
    engine.complete_job(job.key, {})
    assert engine.instance(instance.key) is None


def test_an_item_that_is_not_there_any_more_is_an_incident(engine):
    engine.deploy([work("main", "each==items item=item", job="=kind")])
    instance = engine.create_instance("main", {"items": ["a", "b"]})
    engine.set_variables(instance.key, {"items": ["a"], "kind": "do"})
    for incident in engine.incidents:
        engine.resolve_incident(incident.key)
    ((error_type, message),) = incidents(engine)
    assert error_type == "EXTRACT_VALUE_ERROR"
    assert message.startswith("Expected to read item at index 1 of the multiInstanceBody input")


def test_a_script_that_gives_up_is_an_incident(engine):
    script = """
    start start
    script sum eval="=assert(x, x > 1)" into=y
    end end
    start -> sum -> end
    """
    engine.deploy([resource(script, "main")])
    instance = engine.create_instance("main", {"x": 1})
    ((error_type, message),) = incidents(engine)
    assert error_type == "EXTRACT_VALUE_ERROR"
    assert message.startswith("Assertion failure on evaluate the expression 'assert(x, x > 1)'")
    engine.set_variables(instance.key, {"x": 2})
    engine.resolve_incident(next(iter(engine.incidents)).key)
    assert engine.instance(instance.key) is None


async def test_a_cancelled_instance_answers_nobody_who_waits_for_its_result():
    gateway = EmbeddedGateway(Engine())
    await gateway.deploy([work("main")])
    waiting = asyncio.create_task(
        gateway.create_instance_with_result("main", {}, timeout=timedelta(seconds=0.2))
    )
    await asyncio.sleep(0)
    (job,) = gateway.engine.jobs
    await gateway.cancel_instance(job.token.instance.key)
    assert not waiting.done()
    with pytest.raises(DeadlineExceeded):
        await waiting


def test_one_bad_file_keeps_all_from_being_deployed(engine):
    bad = resource("service do job=do", "bad")
    with pytest.raises(InvalidArgument, match=r"'bad\.bpmn': - Element: bad\n"):
        engine.deploy([work("good"), bad])
    with pytest.raises(NotFound):
        engine.create_instance("good", {})


def test_one_process_id_twice_in_a_deployment_is_refused(engine):
    again = Resource("again.bpmn", work("main").content)
    told = r"Duplicated process id in resources 'main\.bpmn' and 'again\.bpmn'"
    with pytest.raises(InvalidArgument, match=told):
        engine.deploy([work("main"), again])
    assert list(engine.definitions()) == []
