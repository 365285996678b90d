"""A service as it runs in a container: JSON on stderr, health on a port, drained by SIGTERM."""

import asyncio
import json
import os
import re
import signal
import sys
import urllib.request

SERVICE = """
from loguru import logger
from workflow_runtime import WorkflowBuilder

builder = WorkflowBuilder("shop")

@builder.task("order_pay")
async def pay(task):
    logger.info("paid")

builder.serve()
"""


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


async def test_a_served_service_answers_probes_logs_json_and_drains(tmp_path):
    (tmp_path / "service.py").write_text(SERVICE, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WORKFLOW_", "ZEEBE_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "service.py"),
        cwd=tmp_path,
        env=kept | {"WORKFLOW_HEALTH_PORT": "0", "WORKFLOW_OPERATE_PASSWORD": "s3cr3t-pw"},
        stderr=asyncio.subprocess.PIPE,
    )
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
