"""A diagram that the engine refuses: who needs it is told why, the others go on where they may."""

import pytest
from loguru import logger
from tests.support.diagrams import bpmn

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing import assert_that
from workflow_runtime import DiagramError, ProcessNotFound, WorkflowBuilder

SOUND = "start s\nservice pack job=pack\nend e\ns -> pack -> e"
NATIVE = """
    start s message=asked
    start t
    <userTask id="ask"><extensionElements><zeebe:userTask /></extensionElements></userTask>
    end e
    s -> ask
    t -> ask -> e
"""
"""As newer modelers draw user tasks: later brokers run it, so the builder takes it."""
BROKEN = "start s\nservice pack\nend e\ns -> pack -> e"


async def pack():
    return {"packed": True}


def written(folder, **diagrams):
    for name, text in diagrams.items():
        (folder / f"{name}.bpmn").write_bytes(bpmn(text, name))
    return folder


@pytest.fixture
def builder(tmp_path):
    written(tmp_path, sound=SOUND, native=NATIVE)
    return WorkflowBuilder("shop", "embedded://").with_process(tmp_path).with_handler("pack", pack)


@pytest.fixture
def errors():
    found = []
    number = logger.add(lambda line: found.append(line.record["message"]), level="ERROR")
    yield found
    logger.remove(number)


async def test_a_test_that_needs_the_refused_diagram_fails_with_the_reason(
    process_environment, builder
):
    async with process_environment(builder) as process:
        with pytest.raises(ProcessNotFound, match=r"'native\.bpmn'[^\0]*ask[^\0]*user task"):
            await process.start("native")
        await process.publish("asked")
        with pytest.raises(AssertionError, match=r"there is none[^\0]*refused[^\0]*native\.bpmn"):
            await process.instance("native")


async def test_a_test_of_a_sound_process_beside_it_passes(process_environment, builder, errors):
    async with process_environment(builder) as process:
        instance = await process.start("sound")
        await process.wait_idle()
        assert_that(instance).is_completed().has_scope(packed=True)
        health = process.workflow.health()
        assert not health.ready
        assert "native.bpmn" in health.deployment
        assert health.deployment.endswith("; deployed: sound v1")
    (line,) = errors
    assert "the processes were refused" in line
    assert "native.bpmn" in line


async def test_an_embedded_service_runs_its_sound_processes(builder):
    async with builder.running() as workflow:
        assert await workflow.start_process_and_wait("sound") == {"packed": True}
        with pytest.raises(ProcessNotFound, match=r"refused it: [^\0]*native\.bpmn"):
            await workflow.start_process("native")


@pytest.fixture
async def broker():
    server = await serve(Engine(keep_records=0), host="127.0.0.1", port=0)
    yield f"http://127.0.0.1:{server.port}"
    await server.stop()


@pytest.mark.slow
async def test_at_a_broker_the_processes_of_a_service_stay_together(broker, tmp_path, errors):
    written(tmp_path, sound=SOUND, native=NATIVE)
    there = WorkflowBuilder("shop", broker)
    there.with_process(tmp_path).with_handler("pack", pack)
    async with there.running() as workflow:
        with pytest.raises(ProcessNotFound, match=r"refused it: [^\0]*native\.bpmn") as caught:
            await workflow.start_process("sound")
        assert caught.value.executed == "no"
        assert not workflow.health().ready
        assert not await workflow.gateway.has_process("sound")
    assert any("native.bpmn" in line for line in errors)


async def test_two_files_with_one_process_are_not_taken_for_versions_of_it(
    process_environment, tmp_path
):
    written(tmp_path, sound=SOUND)
    (tmp_path / "copy.bpmn").write_bytes(bpmn(SOUND.replace("pack", "post"), "other"))
    (tmp_path / "more.bpmn").write_bytes(bpmn(SOUND, "other"))
    builder = WorkflowBuilder("shop", "embedded://").with_process(tmp_path)
    async with process_environment(builder) as process:
        process.mock("pack")
        instance = await process.start("sound")
        await process.wait_idle()
        assert_that(instance).is_completed()
        with pytest.raises(ProcessNotFound, match=r"copy\.bpmn' and 'more\.bpmn'"):
            await process.start("other")


async def test_one_that_is_refused_alone_says_so_too(process_environment, tmp_path):
    written(tmp_path, native=NATIVE)
    builder = WorkflowBuilder("shop", "embedded://").with_process(tmp_path)
    async with process_environment(builder) as process:
        with pytest.raises(ProcessNotFound, match=r"native\.bpmn"):
            await process.start("native")


async def test_a_process_that_no_diagram_has_is_not_said_to_be_refused(
    process_environment, builder
):
    async with process_environment(builder) as process:
        with pytest.raises(ProcessNotFound) as caught:
            await process.start("absent")
        assert "refused" not in str(caught.value)


def test_the_builder_names_every_diagram_of_a_folder_that_cannot_be_run(tmp_path):
    written(tmp_path, first=BROKEN, second=SOUND, third=BROKEN)
    (tmp_path / "fourth.bpmn").write_text("{}")
    with pytest.raises(DiagramError) as caught:
        WorkflowBuilder("shop", "embedded://").with_process(tmp_path)
    for name in ("first", "third", "fourth"):
        assert f"{name}.bpmn" in str(caught.value)
    assert "second.bpmn" not in str(caught.value)
    assert len(caught.value.problems) == 3
