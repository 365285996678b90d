"""Each scenario has the same records and answers on the embedded engine and on a real broker.

The broker's side is kept in ``recorded.jsonl``, so that the embedded engine is held to it in
every test run; ``-m zeebe`` asks a real broker again, and keeps its answers if
``CONFORMANCE_RECORD`` is set.
"""

import os

import pytest
from tests.conformance.load import prefix, record, recorded, scenarios
from tests.conformance.normal import differences, normalise
from tests.conformance.script import Run
from tests.conformance.stands import broker, embedded

SCENARIOS = scenarios()
RECORDED = recorded()
each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)


async def play_embedded(scenario):
    async with embedded() as stand:
        run = Run(stand, prefix(scenario.name), scenario)
        await run.play()
        return run, normalise(stand.records(), run.prefix)


async def play_broker(scenario, expected):
    start = prefix(scenario.name)
    async with broker(start) as stand:
        run = Run(stand, start, scenario)
        await run.play(expected)
        return run.answers, normalise(stand.records(), start)


def compare(answers, lines, wanted_answers, wanted_lines):
    problems = [
        f"  - {a}\n  + {b}" for a, b in zip(answers, wanted_answers, strict=False) if a != b
    ]
    problems += differences(lines, wanted_lines)
    assert not problems, "\n".join(["- embedded, + broker", *problems])


def test_there_are_at_least_120_scenarios_and_each_is_recorded():
    assert len(SCENARIOS) >= 120
    assert [s.name for s in SCENARIOS if s.name not in RECORDED] == []


@each
async def test_the_embedded_engine_does_what_a_broker_did(scenario):
    if scenario.name not in RECORDED:
        pytest.fail("not recorded yet: run the zeebe tests with CONFORMANCE_RECORD=1")
    run, lines = await play_embedded(scenario)
    known = RECORDED[scenario.name]
    compare(run.answers, lines, known["answers"], known["lines"])


@pytest.mark.zeebe
@pytest.mark.skipif("ZEEBE_RECORDS" not in os.environ, reason="no broker")
@each
async def test_a_broker_does_what_the_embedded_engine_does(scenario):
    run, lines = await play_embedded(scenario)
    answers, broker_lines = await play_broker(scenario, run.counts)
    if os.environ.get("CONFORMANCE_RECORD"):
        record({scenario.name: (answers, broker_lines)})
    compare(run.answers, lines, answers, broker_lines)
