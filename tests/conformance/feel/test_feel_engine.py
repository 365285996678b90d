"""Our FEEL gives the real engine's answers: value, type, failure and warnings.

The real engine's side is kept in ``recorded.jsonl``; ``tests/conformance/oracles`` asks it again.
"""

from tests.conformance.feel.cases import (
    VARIABLES,
    expressions,
    key,
    recorded,
    unary_tests,
)
from tests.conformance.feel.differences import DIFFERENCES
from tests.conformance.feel.ours import answer, answer_unary

RECORDED = recorded()


def ours():
    found = {key(e): answer(e, VARIABLES) for e in expressions()}
    return found | {key(t, s): answer_unary(t, s, VARIABLES) for t, s in unary_tests()}


def compare(found, wanted):
    problems = [
        f"{name!r}\n  - {found[name]}\n  + {wanted.get(name)}"
        for name in found
        if name.split("\x00")[0] not in DIFFERENCES and found[name] != wanted.get(name)
    ]
    assert not problems, "\n".join([f"{len(problems)}: - ours, + real engine", *problems[:40]])


def test_every_expression_has_the_answer_that_the_real_engine_gave():
    assert len(RECORDED) > 5_000
    compare(ours(), RECORDED)


def test_each_difference_that_is_listed_is_still_one():
    assert [e for e in DIFFERENCES if answer(e, VARIABLES) == RECORDED[key(e)]] == []
