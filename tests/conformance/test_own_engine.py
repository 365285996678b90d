"""What `tests/support/own_engine.py` makes of the environment, held to an engine of this test."""

import json
from datetime import timedelta

import pytest
from aiohttp import web
from tests.conformance.load import scenarios
from tests.conformance.playing import play_broker, play_embedded, unequal
from tests.conformance.stands import NOON
from tests.support import own_engine

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.grpc_server import serve

WITH_CLOCK = next(s for s in scenarios() if any("advance" in step for step in s.steps))
WITHOUT = next(s for s in scenarios() if s.name == "a message starts an instance")


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for name in own_engine.VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def engine(tmp_path, monkeypatch):
    """Its gateway, its records in a file and its clock at a management port, as a broker's."""
    path = tmp_path / "records.jsonl"
    with path.open("w", encoding="utf-8", buffering=1) as file:
        server = await serve(Engine(ControlledClock(NOON)))
        server.engine.records.subscribe(lambda each: file.write(json.dumps(each.as_dict()) + "\n"))

        async def add(request):
            milliseconds = (await request.json())["offsetMilli"]
            await server.gateway.advance(timedelta(milliseconds=milliseconds))
            return web.json_response({})

        app = web.Application()
        app.add_routes([web.post("/actuator/clock/add", add)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        monkeypatch.setenv("ZEEBE_ADDRESS", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("ZEEBE_RECORDS", str(path))
        monkeypatch.setenv("ZEEBE_MONITORING", f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield
        await runner.cleanup()
        await server.stop()


@pytest.mark.parametrize("scenario", [WITH_CLOCK, WITHOUT], ids=lambda s: s.name)
async def test_a_scenario_has_the_same_records_there(engine, scenario):
    run, lines = await play_embedded(scenario)
    assert lines
    answers, found = await play_broker(scenario, run.counts)
    assert not unequal(run.answers, lines, answers, found)


async def test_a_clock_that_cannot_be_moved_fails_the_test(engine, monkeypatch):
    monkeypatch.setenv("ZEEBE_MONITORING", "http://127.0.0.1:9")
    with pytest.raises(pytest.fail.Exception, match=r"clock cannot be moved: http://127.0.0.1:9/"):
        await own_engine.move_clock(timedelta(seconds=1))


async def test_a_restart_waits_for_the_engine(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("ZEEBE_RESTART", f"echo > {tmp_path}/restarted")
    await own_engine.restart()
    assert (tmp_path / "restarted").exists()


async def test_a_restart_that_fails_fails_the_test(engine, monkeypatch):
    monkeypatch.setenv("ZEEBE_RESTART", "exit 3")
    with pytest.raises(pytest.fail.Exception, match="ZEEBE_RESTART ended with 3: exit 3"):
        await own_engine.restart()


def test_what_is_not_set_skips_and_is_named():
    with pytest.raises(pytest.skip.Exception, match=r"ZEEBE_RECORDS is not set: where .*:9200"):
        own_engine.records()
    with pytest.raises(pytest.skip.Exception, match=r"ZEEBE_ADDRESS is .*; ZEEBE_RESTART is "):
        own_engine.needs("ZEEBE_ADDRESS", "ZEEBE_RESTART")


@pytest.mark.parametrize(
    ("variable", "value", "ask", "said"),
    [
        ("ZEEBE_ADDRESS", "embedded://", own_engine.address, "ZEEBE_ADDRESS is embedded://; give"),
        ("ZEEBE_ADDRESS", "ftp://engine", own_engine.address, "ZEEBE_ADDRESS: .* unknown scheme"),
        (
            "ZEEBE_ADDRESS",
            "http://127.0.0.1:9",
            own_engine.channel,
            "nobody answers there .*; give",
        ),
        ("ZEEBE_RECORDS", "no/such/file", own_engine.records, "no records at no/such/file: .*give"),
    ],
)
def test_what_is_wrong_fails_and_is_named(monkeypatch, variable, value, ask, said):
    monkeypatch.setenv(variable, value)
    with pytest.raises(pytest.fail.Exception, match=said):
        ask()


def test_an_engine_behind_tls_is_not_for_tests_that_cut_its_line(monkeypatch):
    monkeypatch.setenv("ZEEBE_ADDRESS", "https://zeebe.example.com")
    with pytest.raises(pytest.skip.Exception, match="a test that cuts the line needs a plain http"):
        own_engine.plain_address()


def test_a_process_in_another_folder_finds_the_records(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZEEBE_RECORDS", "records.jsonl")
    assert own_engine.environment()["ZEEBE_RECORDS"] == str(tmp_path / "records.jsonl")
    monkeypatch.setenv("ZEEBE_RECORDS", "http://127.0.0.1:9200")
    assert own_engine.environment()["ZEEBE_RECORDS"] == "http://127.0.0.1:9200"
