"""Random diagrams and runs have the same records on the embedded engine and on a real broker.

``CONFORMANCE_EXAMPLES`` says how many (150), ``CONFORMANCE_SEED`` which; the seed of a run is
printed, and a difference is made as small as it gets.
"""

import asyncio
import itertools
import os
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.conformance.generated.steps import runs
from tests.conformance.playing import play_broker, play_embedded, unequal
from tests.support import own_engine

EXAMPLES = int(os.environ.get("CONFORMANCE_EXAMPLES", "150"))
SEED = int(os.environ.get("CONFORMANCE_SEED") or random.randrange(1_000_000))
SLOWLY = (0.4, 2.0)
"""How long to wait for a broker the second time: a difference must not come from impatience."""
_numbers = itertools.count()


async def difference(scenario, *waiting):
    scenario = replace(scenario, name=f"generated {SEED} {next(_numbers)} {os.getpid()}")
    run, lines = await play_embedded(scenario)
    answers, broker_lines = await play_broker(scenario, run.counts, *waiting)
    return unequal(run.answers, lines, answers, broker_lines)


def shown(scenario):
    diagrams = [f"{name}:\n{text}" for name, text in scenario.diagrams.items()]
    return "\n".join([*diagrams, "steps:", *map(str, scenario.steps)])


@pytest.mark.zeebe
@pytest.mark.timeout(0)
def test_a_broker_does_with_random_diagrams_what_the_embedded_engine_does(capsys):
    own_engine.needs("ZEEBE_ADDRESS", "ZEEBE_RECORDS", "ZEEBE_MONITORING")
    with capsys.disabled():
        print(f"\n{EXAMPLES} random runs, CONFORMANCE_SEED={SEED}")  # noqa: T201 - to repeat it

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(runs())
    def equal(scenario):
        found = asyncio.run(difference(scenario)) and asyncio.run(difference(scenario, *SLOWLY))
        assert not found, f"CONFORMANCE_SEED={SEED}\n{found}\n{shown(scenario)}"

    equal()
