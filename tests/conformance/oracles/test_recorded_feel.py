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
