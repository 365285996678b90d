"""Clients that others have written, against the embedded engine's gateway.

Node and Java fetch their client once, into ``.cache``. Where a tool is missing its test is skipped;
in CI, where all of them are, it fails.
"""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pyzeebe import (
    ZeebeClient,
    ZeebeTaskRouter,
    ZeebeWorker,
    create_insecure_channel,
)
from pyzeebe.errors import ProcessInstanceNotFoundError
from tools.broker import distribution

from workflow_runtime.engine import Engine
from workflow_runtime.engine.server import serve

HERE = Path(__file__).parent / "clients"
CACHE = Path(__file__).parents[2] / ".cache"
DIAGRAM = HERE / "greeting.bpmn"
NODE_CLIENT = "zeebe-node@8.3.2"
FETCHES = pytest.mark.timeout(600)
"""The first run waits for a package manager."""
GONE = "Expected to cancel a process instance with key '2251799813685999'"


def missing(reason):
    """Skips, except in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def fetched(name, *command):
    """A folder with what a package manager puts there, whole or not at all."""
    folder = CACHE / name
    if folder.is_dir():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(HERE, part)
    done = subprocess.run(command, cwd=part, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"{' '.join(command)}: {(done.stdout + done.stderr)[-500:]}")
    return part.rename(folder)


def tool(name):
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed")
    return found


@pytest.fixture
async def server():
    server = await serve(Engine())
    yield server
    await server.stop()


async def output(*command, **options):
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        **options,
    )
    async with asyncio.timeout(100):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def check(code, out, err, name):
    assert code == 0, err
    report = json.loads(out.splitlines()[-1])
    assert report["told"] == {"name": name, "greeting": f"hello {name}", "answer": 42}
    assert report["refused"] == {"name": "nobody", "fails": True}
    assert report["gone"].startswith("5 ")
    assert GONE in report["gone"]


@FETCHES
async def test_the_node_client_works_with_the_engine(server):
    node, npm = tool("node"), tool("npm")
    folder = fetched("zeebe-node", npm, "install", "--silent", "--no-audit", NODE_CLIENT)
    env = os.environ | {"NODE_PATH": str(folder / "node_modules")}
    done = await output(node, HERE / "greeter.js", server.port, DIAGRAM, env=env)
    check(*done, "node")


@FETCHES
async def test_the_java_client_works_with_the_engine(server):
    java, maven = tool("java"), tool("mvn")
    if shutil.which("javac") is None:
        missing("javac is not installed")
    folder = fetched(
        "zeebe-java", maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"
    )
    done = await output(java, "-cp", f"{folder}/lib/*", HERE / "Greeter.java", server.port, DIAGRAM)
    check(*done, "java")


async def test_pyzeebes_own_client_and_worker_work_with_the_engine(server):
    channel = create_insecure_channel(f"127.0.0.1:{server.port}")
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
    await client.deploy_resource(DIAGRAM)
    working = asyncio.create_task(worker.work())
    await client.publish_message("answer", "python", {"answer": 42}, 60_000)
    told = await client.run_process_with_result("greeting", {"name": "python"}, timeout=30_000)
    assert told.variables == {"name": "python", "greeting": "hello python", "answer": 42}
    refused = {"name": "nobody", "fails": True}
    result = await client.run_process_with_result("greeting", refused, timeout=30_000)
    assert result.variables == refused
    with pytest.raises(ProcessInstanceNotFoundError):
        await client.cancel_process_instance(2251799813685999)
    await worker.stop()
    await asyncio.wait_for(working, 30)
    await channel.close()


class Zbctl:
    """The command line of Zeebe itself."""

    def __init__(self, path, port):
        self._start = (path, "--insecure", "--address", f"127.0.0.1:{port}")
        # To zbctl the environment counts for more than its own arguments.
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("ZEEBE_")}

    async def __call__(self, *arguments):
        code, out, err = await output(*self._start, *arguments, env=self._env)
        assert code == 0, err
        return json.loads(out) if out.startswith("{") else out

    async def refused(self, *arguments):
        code, _, err = await output(*self._start, *arguments, env=self._env)
        assert code == 1
        return err


@pytest.fixture
def zbctl(server):
    home = distribution.CACHE / f"camunda-zeebe-{distribution.VERSION}"
    path = home / "bin" / "zbctl"
    if not path.exists():
        reason = "zbctl comes with the broker: run tox -e zeebe"
        pytest.fail(reason) if os.environ.get("REQUIRE_ZEEBE") else pytest.skip(reason)
    return Zbctl(path, server.port)


@pytest.mark.zeebe
async def test_zbctl_sees_the_gateway_and_runs_an_instance(zbctl, server):
    assert "Leader, Healthy" in await zbctl("status")
    deployed = await zbctl("deploy", "resource", DIAGRAM)
    assert deployed["deployments"][0]["process"]["bpmnProcessId"] == "greeting"
    started = await zbctl("create", "instance", "greeting", "--variables", '{"name": "zbctl"}')
    (job,) = (await zbctl("activate", "jobs", "greet"))["jobs"]
    assert job["processInstanceKey"] == started["processInstanceKey"]
    await zbctl("update", "timeout", job["key"], "--timeout", "120000")
    await zbctl("fail", "job", job["key"], "--retries", "0", "--errorMessage", "broken")
    await zbctl("update", "retries", job["key"], "--retries", "2")
    (incident,) = server.engine.incidents
    await zbctl("resolve", "incident", incident.key)
    (job,) = (await zbctl("activate", "jobs", "greet"))["jobs"]
    assert job["retries"] == 2
    await zbctl("complete", "job", job["key"], "--variables", '{"greeting": "hi"}')
    await zbctl("publish", "message", "answer", "--correlationKey", "zbctl")
    assert server.engine.instance(int(started["processInstanceKey"])) is None


@pytest.mark.zeebe
async def test_zbctl_is_refused_with_a_sentence(zbctl):
    assert "NotFound" in await zbctl.refused("create", "instance", "unknown")
    assert GONE in await zbctl.refused("cancel", "instance", "2251799813685999")
    text = await zbctl.refused("delete", "resource", "1")
    assert "Unimplemented" in text
    assert "The embedded engine does not delete resources; use a Zeebe broker for that" in text
