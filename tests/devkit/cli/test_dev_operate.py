"""`workflow dev --operate`: what a person on call does, without Camunda."""

import asyncio
import json
import os
import re
import signal
import sys

import pytest
from tests.support.diagrams import resource

from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.zeebe import ZeebeGateway

_GATE = resource(
    """
    start start
    xor decide
    end end
    start -> decide
    decide -> end if =amount > 1
    """,
    "gate",
)


async def workflow(*arguments, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WORKFLOW_", "ZEEBE_"))}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workflow_runtime.cli", *map(str, arguments)),
        env=kept | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def url_in(process):
    line = await asyncio.wait_for(process.stderr.readline(), 30)
    return re.search(rb"http://[\d.]+:\d+", line).group().decode()


@pytest.mark.slow
async def test_an_incident_is_found_and_resolved_as_on_a_stand():
    dev = await workflow("dev", "--port", 0, "--operate", 0)
    engine, operate = await url_in(dev), await url_in(dev)
    gateway = ZeebeGateway(parse_address(engine))
    await gateway.deploy([_GATE])
    instance = await gateway.create_instance("gate", {})
    of_dev = {
        "ZEEBE_ADDRESS": engine,
        "WORKFLOW_OPERATE_URL": operate,
        "WORKFLOW_OPERATE_USER": "demo",
        "WORKFLOW_OPERATE_PASSWORD": "demo",
    }

    async def said(*arguments):
        process = await workflow("incidents", *arguments, "--json", **of_dev)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, err
        return json.loads(out)

    (found,) = await said("list")
    assert (found["element_id"], found["instance_key"]) == ("decide", instance.key)
    await gateway.set_variables(instance.key, {"amount": 2}, local=False)
    assert (await said("resolve", "--process", "gate"))["summary"] == {"resolved": 1}
    assert await said("list") == []
    await gateway.close()
    dev.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(dev.wait(), 30) == 0
