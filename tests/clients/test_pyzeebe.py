"""pyzeebe: its own client and worker, and its own integration tests, against the engine.

The runtime takes only its channel, credentials and stubs; a service that moves over may have the
rest.
"""

import asyncio
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from pyzeebe import ZeebeClient, ZeebeTaskRouter, ZeebeWorker, create_insecure_channel
from pyzeebe.errors import ProcessInstanceNotFoundError
from tests.clients import packages, suites
from tests.clients.dev import HERE, MODELS
from tests.clients.script import NOBODY
from tests.support.commands import environment
from tests.support.dev import Dev
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("pyzeebe")

NO_DECISIONS = "UnknownGrpcStatusCodeError"
"""What pyzeebe makes of a gateway that does not evaluate decisions."""
EXPECTED = {
    "test_evaluate_decision_by_id[1-One]": NO_DECISIONS,
    "test_evaluate_decision_by_id[2-output1]": NO_DECISIONS,
    "test_evaluate_decision_by_id[3-3]": NO_DECISIONS,
    "test_evaluate_decision_by_key": NO_DECISIONS,
    "test_non_existent_decision": NO_DECISIONS,
}
NOT_RUN = {
    "tests/integration/cancel_process_test.py::test_cancel_process": (
        "it cancels an instance that its own worker completes meanwhile: a broker is slow enough "
        "for it, the engine is so only sometimes"
    ),
}


@pytest.fixture
def dev():
    dev = Dev()
    yield dev
    dev.stop()


async def test_its_client_and_worker_work_with_the_engine(dev):
    channel = create_insecure_channel(dev.address)
    router = ZeebeTaskRouter()

    async def refuse(error, job, controller):
        await controller.set_error_status(str(error), error_code="refused")

    @router.task(task_type="greet", exception_handler=refuse)
    async def greet(name: str, fails: bool = False) -> dict:
        if fails:
            raise PermissionError("no greeting")
        return {"greeting": f"hello {name}"}

    worker, client = ZeebeWorker(channel), ZeebeClient(channel)
    worker.include_router(router)
    await client.deploy_resource(MODELS / "greeting.bpmn")
    working = asyncio.create_task(worker.work())
    await client.publish_message("answer", "python", {"answer": 42}, PATIENCE * 1000)
    told = await client.run_process_with_result("greeting", {"name": "python"}, timeout=30_000)
    assert told.variables == {"name": "python", "greeting": "hello python", "answer": 42}
    refused = {"name": "nobody", "fails": True}
    result = await client.run_process_with_result("greeting", refused, timeout=30_000)
    assert result.variables == refused
    with pytest.raises(ProcessInstanceNotFoundError):
        await client.cancel_process_instance(int(NOBODY))
    await worker.stop()
    await asyncio.wait_for(working, PATIENCE)
    await channel.close()


def test_its_own_integration_tests_find_what_the_engine_does_today(dev, tmp_path):
    report = tmp_path / "report.xml"
    plugins = ("-p", "stand", "-p", "no:cacheprovider")
    left_out = [part for test in NOT_RUN for part in ("--deselect", test)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/integration", f"--junitxml={report}"),
            *(*plugins, *left_out),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        cwd=packages.pyzeebe_source(),
        env=environment(PYTHONPATH=HERE / "pyzeebe", ENGINE_PORT=dev.port),
    )
    assert report.is_file(), done.stdout + done.stderr
    assert f"{len(NOT_RUN)} deselected" in done.stdout, done.stdout
    found = {
        case.get("name"): "\n".join(part.text or "" for part in case)
        for case in ET.parse(report).iter("testcase")
    }
    suites.check(found, EXPECTED)
