"""A stop says what is in hand as it begins, whom it cuts off, and what became of all of it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.commands import environment
from tests.support.logs import messages
from tests.support.one_handler import serving
from tests.support.waiting import until

from workflow_runtime import TaskHandlerConfig

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("stopped.py")


@pytest.fixture
def lines():
    with messages() as found:
        yield found


def with_words(lines, *words):
    return [line for line in lines if all(word in line for word in words)]


async def test_a_stop_with_nothing_in_hand_says_so(lines):
    async with serving(lambda task: None):
        pass
    assert "strangers stops: 0 jobs in hand" in lines
    assert re.fullmatch(
        r"strangers has stopped after \d\.\d s: 0 handlers finished, 0 jobs handed back", lines[-1]
    )


async def test_three_hundred_handlers_that_are_cut_off_are_two_lines(lines):
    async def handler(task):
        await asyncio.sleep(3600)

    async with serving(handler, TaskHandlerConfig(max_running=300)) as stand:
        for _ in range(300):
            await stand.start()
        await until(lambda: stand.workflow.health().types["order_work"].running == 300)
    cut = with_words(lines[:-1], "cut off")
    assert len(cut) == 2
    assert "the handler of order_work is cut off after 1." in cut[0]
    assert f"in handler ({__file__}:" in cut[0]
    assert cut[1] == "300 handlers of order_work cut off by the stop"
    (back,) = with_words(lines, "handed back: ")
    assert "order_work 300 (job " in back
    assert "295 more)" in back
    assert "0 handlers finished, 300 handlers cut off, 300 jobs handed back" in lines[-1]


async def test_what_was_counted_is_written_before_the_last_line(lines):
    async def handler(task):
        raise ValueError

    async with serving(handler) as stand:
        for _ in range(5):
            await stand.start()
        await stand.ended(5)
    assert with_words(lines[:-1], "5 attempts of order_work failed in ")
    assert "has stopped after" in lines[-1]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["serve", "thread", "uvicorn"])
def test_each_way_of_running_a_service_says_the_same(mode, tmp_path):
    path = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    command = [sys.executable, str(PROGRAM), mode]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(PYTHONPATH=path),
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            while not (tmp_path / "busy").exists():
                assert service.poll() is None
            if mode != "thread":
                service.send_signal(signal.SIGTERM)
            said = service.communicate(timeout=60)[1]
        finally:
            service.kill()
    lines = [json.loads(line)["message"] for line in said.splitlines() if line.startswith("{")]
    begins = next(index for index, line in enumerate(lines) if line.startswith("shop stops: "))
    assert lines[begins].startswith("shop stops: 3 jobs in hand (")
    assert lines[begins].endswith("), up to 1 s for them")
    if mode == "serve":
        assert "SIGTERM: draining" in lines[:begins]
    cut = with_words(lines[begins:], "is cut off after 1.")
    assert [re.search(r"handler of (\w+)", line)[1] for line in sorted(cut)] == ["blocks", "hangs"]
    assert all(f"({PROGRAM}:" in line for line in cut)
    assert with_words(lines, "handed back: ", "hangs 1 (job ", "blocks 1 (job ")
    assert with_words(lines, "1 def handler of blocks cannot be ended")
    (end,) = with_words(lines, "shop has stopped after ")
    assert end.endswith(
        ": 1 handler finished, 2 handlers cut off, 1 handler cannot be ended, 2 jobs handed back"
    )
