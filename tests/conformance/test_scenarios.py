"""Each scenario has the same records and answers on the embedded engine and on a real broker.

The broker's side is kept in ``recorded.jsonl``, so that the embedded engine is held to it in
every test run; ``-m zeebe`` asks a real broker again, and keeps its answers if
``CONFORMANCE_RECORD`` is set.
"""

import os

import pytest
from tests.conformance.load import record, recorded, scenarios
from tests.conformance.playing import play_broker, play_embedded, unequal
from tests.support import own_engine

SCENARIOS = scenarios()
RECORDED = recorded()
each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)


def test_there_are_at_least_120_scenarios_and_each_is_recorded():
    assert len(SCENARIOS) >= 120
    assert [s.name for s in SCENARIOS if s.name not in RECORDED] == []
    assert RECORDED.keys() - {s.name for s in SCENARIOS} == set()


@each
async def test_the_embedded_engine_does_what_a_broker_did(scenario):
    if scenario.name not in RECORDED:
        pytest.fail("not recorded yet: run the zeebe tests with CONFORMANCE_RECORD=1")
    run, lines = await play_embedded(scenario)
    known = RECORDED[scenario.name]
    found = unequal(run.answers, lines, known["answers"], known["lines"])
    assert not found, found


@pytest.mark.zeebe
@each
async def test_a_broker_does_what_the_embedded_engine_does(scenario):
    own_engine.needs("ZEEBE_ADDRESS", "ZEEBE_RECORDS")
    if any("advance" in step for step in scenario.steps):
        own_engine.needs("ZEEBE_MONITORING")
    run, lines = await play_embedded(scenario)
    answers, broker_lines = await play_broker(scenario, run.counts)
    if os.environ.get("CONFORMANCE_RECORD"):
        record({scenario.name: (answers, broker_lines)})
    found = unequal(run.answers, lines, answers, broker_lines)
    assert not found, found
