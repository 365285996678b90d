"""A generated service that is told to stop finishes the job in hand, and ends with 0."""

import asyncio
import signal
import sys

import pytest
from tests.support.commands import environment
from tools import demo

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve

KEPT = "        return self.accounts.setdefault("
HOLD = f"""        print("working", flush=True)
        while pathlib.Path("hold").exists():
            await asyncio.sleep(0.05)
{KEPT}"""


def slow_down(service):
    """Its first task waits for as long as there is a file ``hold``."""
    adapter = service / "src" / demo.PACKAGE / "adapters" / "memory.py"
    text = adapter.read_text()
    assert KEPT in text
    adapter.write_text(text.replace(KEPT, HOLD).replace("\n\n", "\n\nimport asyncio, pathlib\n", 1))
    (service / "hold").touch()


def completed(engine):
    return [
        record.value["type"]
        for record in engine.records
        if record.value_type == "JOB" and record.intent == "COMPLETED"
    ]


async def stop_at_work(service, python):
    """What it has completed after it was told to stop, and its exit code."""
    slow_down(service)
    engine = Engine()
    server = await serve(engine)
    settings = environment(
        PYTHONPATH=service / "src",
        WORKFLOW_ADDRESS=f"http://127.0.0.1:{server.port}",
        WORKFLOW_HEALTH_PORT=0,
        SERVICE_HTTP_PORT=demo.free_port(),
    )
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", demo.PACKAGE),
        cwd=service,
        env=settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    lines = process.stderr
    try:
        async with asyncio.timeout(120):
            await heard(lines, "deployed")
            await server.gateway.create_instance(demo.PROCESS, {"userId": "ann"})
            assert await process.stdout.readline() == b"working\n"
            process.send_signal(signal.SIGTERM)
            await heard(lines, "draining")
            (service / "hold").unlink()
            _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        return completed(engine)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await server.stop()


async def heard(lines, word):
    while word not in (line := (await lines.readline()).decode()):
        assert line, f"it ended without {word}"


async def test_a_plain_service_that_is_told_to_stop_completes_what_it_has_begun(bake):
    done = await stop_at_work(bake(), sys.executable)
    assert done == [f"{demo.PROCESS}_createAccount"]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_service_with_http_that_is_told_to_stop_completes_what_it_has_begun(bake):
    service = bake(http_api="fastapi", outbox="sqlite")
    commands = await asyncio.to_thread(demo.install, service)
    done = await stop_at_work(service, str(commands / "python"))
    assert done == [f"{demo.PROCESS}_createAccount"]
