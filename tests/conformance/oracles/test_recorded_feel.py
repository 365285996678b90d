"""The real FEEL engine, asked alone, gives the answers that a broker gave with it inside."""

import os

import pytest
from tests.conformance.feel.cases import (
    VARIABLES,
    expressions,
    key,
    record,
    recorded,
    unary_tests,
)
from tests.conformance.feel.conditions import FILES, conditions, plain_answer

pytestmark = pytest.mark.oracle


def test_the_answers_that_were_recorded_still_hold(oracle):
    questions = {key(text): {"expression": text} for text in expressions()}
    for test, subject in unary_tests():
        questions[key(test, subject)] = {"expression": test, "subject": subject}
    answers = oracle.ask("feel", [q | {"variables": VARIABLES} for q in questions.values()])
    found = dict(zip(questions, answers, strict=True))
    if os.environ.get("CONFORMANCE_RECORD"):
        record(found)
    assert found == recorded()


@pytest.mark.parametrize("name", FILES)
def test_the_answers_to_realistic_conditions_still_hold(oracle, name):
    cases = conditions(name)
    asked = [{key: case[key] for key in ("expression", "variables")} for case in cases]
    found = map(plain_answer, oracle.ask("feel", asked))
    assert list(found) == [case["real"] for case in cases]
