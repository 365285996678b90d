"""Our FEEL and the real engine agree on what nobody thought of."""

import pytest
from tests.conformance.feel.cases import VARIABLES as NAMES
from tests.conformance.feel.differences import KINDS
from tests.conformance.feel.ours import answer
from tests.conformance.feel.sampling import Case, Sampler, Tree
from tests.conformance.oracles import differential
from tests.conformance.oracles.chance import EXAMPLES, SEED

pytestmark = [pytest.mark.oracle, pytest.mark.timeout(600)]

SHARES = {"condition": 0.5, "call": 0.25, "operation": 0.1, "unary": 0.15}


@pytest.mark.parametrize("kind", SHARES)
def test_both_engines_agree_on_any(oracle, kind, record_property):
    cases = Sampler(SEED).distinct(kind, round(EXAMPLES * SHARES[kind]))
    record_property("known differences", dict(differential.compare(oracle, cases, SEED)))


def test_each_difference_that_is_listed_is_still_one(oracle):
    for kind in KINDS:
        asked = [{"expression": text, "variables": NAMES} for text in kind.examples]
        for text, real in zip(kind.examples, oracle.ask("feel", asked), strict=True):
            ours = answer(text, NAMES)
            assert ours != real, f"{text} no longer differs: take {kind.row!r} off the list"
            assert kind.excuses(text, ours, real), f"{text} is no example of {kind.row!r}"


def test_a_difference_is_made_small_and_told_with_the_seed(oracle, monkeypatch):
    monkeypatch.setattr(differential, "answer", lambda text, _: {"kind": "age" not in text})
    monkeypatch.setattr(
        differential, "excuse", lambda text, *_: None if "age" in text else KINDS[0]
    )
    age, sums = Tree(("age",)), Tree(("sum",))
    tree = Tree(("not(", ")"), (Tree(("", " > ", ""), (Tree(("-", ""), (age,)), sums)),))
    with pytest.raises(AssertionError, match=r"(?s)CONFORMANCE_SEED=5.*\nage\n  - ours"):
        differential.compare(oracle, [Case(tree)], 5)
