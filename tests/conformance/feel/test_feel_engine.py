"""Our FEEL gives the real engine's answers: value, type, failure and warnings.

The real engine's side is kept in ``recorded.jsonl``; ``tests/conformance/oracles`` asks it again.
"""

from pathlib import Path

import pytest
from tests.conformance.feel import cases, sampling
from tests.conformance.feel.cases import (
    VARIABLES,
    expressions,
    key,
    recorded,
    unary_tests,
)
from tests.conformance.feel.conditions import FILES, conditions, plain_answer
from tests.conformance.feel.differences import KINDS, excuse
from tests.conformance.feel.ours import answer, answer_unary
from tests.conformance.feel.sampling import Sampler

from workflow_devkit.feel import BUILTINS
from workflow_devkit.feel.builtins.signature import Builtin

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "feel.md"


def ours():
    found = {key(e): answer(e, VARIABLES) for e in expressions()}
    return found | {key(t, s): answer_unary(t, s, VARIABLES) for t, s in unary_tests()}


def test_every_expression_has_the_answer_that_the_real_engine_gave():
    wanted = recorded()
    assert len(wanted) > 5_000
    found = ours()
    missing = [name for name in found if name not in wanted]
    assert not missing, f"ask the real engine (CONTRIBUTING.md, A FEEL builtin): {missing[:10]}"
    problems = [
        f"{name!r}\n  - {given}\n  + {wanted[name]}"
        for name, given in found.items()
        if given != wanted[name] and excuse(name.split("\x00")[0], given, wanted[name]) is None
    ]
    assert not problems, "\n".join([f"{len(problems)}: - ours, + real engine", *problems[:40]])


def test_one_more_function_leaves_the_questions_about_all_others_as_they_are(monkeypatch):
    before, asked = expressions(), Sampler(1).distinct("call", 2 * len(BUILTINS))
    more = BUILTINS | {"a new one": (Builtin("a new one", ("x", "y"), print),)}
    for module in (cases, sampling):
        monkeypatch.setattr(module, "BUILTINS", more)
    added = set(expressions()) - set(before)
    assert {text.partition("(")[0] for text in added} == {"a new one"}
    assert set(before) < set(expressions())
    assert set(asked) < set(Sampler(1).distinct("call", 2 * len(more)))


def test_each_kind_of_difference_is_a_row_of_the_page():
    table = PAGE.read_text(encoding="utf-8").split("## Differences from the real engine")[1]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.split("\n") if "|" in line]
    start = rows.index("expression") + 2
    assert rows[start:] == [kind.row for kind in KINDS]


@pytest.mark.parametrize("name", FILES)
def test_realistic_conditions_have_the_answers_that_the_real_engine_gave(name):
    problems = [
        f"{case['expression']}\n  - {found}\n  + {case['real']}"
        for case in conditions(name)
        if (found := plain_answer(answer(case["expression"], case["variables"]))) != case["real"]
    ]
    assert not problems, "\n".join(problems)
