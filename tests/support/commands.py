"""The command ``workflow`` as a process of its own, whatever is set around the tests."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

COMMAND = (sys.executable, "-m", "workflow_runtime.cli")
_OF_A_GATEWAY = ("WORKFLOW_", "ZEEBE_", "CAMUNDA_")


def environment(**more: object) -> dict[str, str]:
    """The environment without settings of a gateway: to clients it counts more than arguments."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OF_A_GATEWAY)}
    return kept | {k: str(v) for k, v in more.items()}


async def workflow(
    *arguments: object, stdout: Any = PIPE, cwd: Any = None, **variables: object
) -> Process:
    """The command with these arguments and variables, running; what it says on stderr is read."""
    return await asyncio.create_subprocess_exec(
        *COMMAND,
        *map(str, arguments),
        env=environment(**variables),
        cwd=cwd,
        stdout=stdout,
        stderr=PIPE,
    )


async def url_in(process: Process) -> str:
    """The address in the next line that a process says on stderr.

    Raises:
        AssertionError: it says something else, or nothing.
    """
    line = await asyncio.wait_for(process.stderr.readline(), 60)
    found = re.search(rb"http://[\d.]+:\d+", line)
    assert found, line
    return found[0].decode()
