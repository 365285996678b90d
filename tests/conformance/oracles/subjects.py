"""Every diagram of the tests, for the real BPMN model to judge."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.conformance.generated.steps import runs
from tests.conformance.load import scenarios
from tests.devkit.lint.lint_cases import CASES as LINT_CASES
from tests.devkit.lint.lint_variants import VARIANTS
from tests.support import cases
from tests.support.diagrams import bpmn


def diagrams() -> dict[str, bytes]:
    """Those written by hand, by where they come from."""
    found = {name: cases.read(name) for name in cases.names("xml/*.bpmn")}
    for name in cases.names("broker/bpmn/*.bpmn"):
        found[name.replace("/bpmn/", "/")] = cases.read(name)
    for rule, case in LINT_CASES.items():
        found |= {f"lint/{rule}, bad": case.bad, f"lint/{rule}, good": case.good}
    found |= {f"variant/{name}": content for name, (_, content) in VARIANTS.items()}
    for scenario in scenarios():
        found |= _drawn(scenario, f"scenario/{scenario.name}")
    return found


def generated(count: int, number: int) -> dict[str, bytes]:
    """Random ones: the same seed gives the same."""
    found: dict[str, bytes] = {}

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(runs())
    def collect(scenario: Any) -> None:
        found.update(_drawn(scenario, f"generated/{len(found)}"))

    collect()
    return found


def _drawn(scenario: Any, name: str) -> dict[str, bytes]:
    both = {**scenario.diagrams, **{f"{key} later": text for key, text in scenario.later.items()}}
    return {
        f"{name}/{key}": bpmn(text, key.split()[0], "p_")
        for key, text in both.items()
        if not text.lstrip().startswith("<")
    }
