"""A service as it runs in a container: JSON on stderr, health on a port, drained by SIGTERM."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
import urllib.request

SERVICE = """
from loguru import logger
from workflow_runtime import WorkflowBuilder

builder = WorkflowBuilder("shop", "embedded://")

@builder.task("order_pay")
async def pay(task):
    logger.info("paid")

builder.serve()
"""


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


async def start(tmp_path, **variables):
    (tmp_path / "service.py").write_text(SERVICE, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WORKFLOW_", "ZEEBE_"))}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "service.py"),
        cwd=tmp_path,
        env=kept | variables,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_service_that_cannot_start_says_why_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await start(tmp_path, WORKFLOW_HEALTH_PORT=str(taken.getsockname()[1]))
        text = await asyncio.wait_for(process.stderr.read(), 30)
    # The first one says what it was about to connect to.
    _, line = [json.loads(line) for line in text.splitlines()]
    assert "in use; set WORKFLOW_HEALTH_PORT (0 takes any free port)" in line["message"]
    assert await process.wait() == 2


async def test_a_served_service_answers_probes_logs_json_and_drains(tmp_path):
    process = await start(tmp_path, WORKFLOW_HEALTH_PORT="0", WORKFLOW_OPERATE_PASSWORD="s3cr3t-pw")
    lines, url = [], None
    while url is None:
        line = await asyncio.wait_for(process.stderr.readline(), 30)
        assert line, lines
        lines.append(json.loads(line))
        found = re.search(r"http://\S+", lines[-1]["message"])
        url = found and found.group()
    assert await asyncio.to_thread(fetch, f"{url}/live") == (200, '{"status": "ok", "reasons": []}')
    status, metrics = await asyncio.to_thread(fetch, f"{url}/metrics")
    assert status == 200
    assert 'workflow_jobs_in_flight{type="order_pay"} 0.0' in metrics
    process.send_signal(signal.SIGTERM)
    rest = await asyncio.wait_for(process.stderr.read(), 30)
    assert await process.wait() == 0
    lines += [json.loads(line) for line in rest.splitlines()]
    assert {line["service"] for line in lines} == {"shop"}
    assert any("SIGTERM: draining" in line["message"] for line in lines)
    assert not any("s3cr3t" in json.dumps(line) for line in lines)
