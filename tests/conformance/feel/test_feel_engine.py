"""Our FEEL gives the real engine's answers: value, type, failure and warnings.

The real engine's side is kept in ``recorded.jsonl``; ``-m zeebe`` asks it again, keeps its
answers if ``CONFORMANCE_RECORD`` is set, and compares both on expressions made up by hypothesis.
"""

import os
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance.feel.cases import (
    VARIABLES,
    expressions,
    key,
    lines,
    record,
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


@pytest.fixture(scope="module")
def engine():
    """The real engine in this process."""
    if "ZEEBE_ADDRESS" not in os.environ:
        pytest.skip("no broker, so no engine of it")
    from tests.conformance.feel.real import Engine
    from tools.broker.distribution import fetch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Engine(fetch())


@pytest.mark.zeebe
def test_the_real_engine_still_gives_the_answers_that_were_recorded(engine):
    found = {key(e): engine.ask(e, VARIABLES) for e in expressions()}
    found |= {key(t, s): engine.ask_unary(t, s, VARIABLES) for t, s in unary_tests()}
    if os.environ.get("CONFORMANCE_RECORD"):
        record(found)
    compare(ours(), found)


values = st.sampled_from(
    [value for value in lines("values.txt") if ".." not in value and "function" not in value]
)
names = st.sampled_from(["x", "y", "a", "xs", "os", "c", "c.a.b", "missing", "item"])
FUNCTIONS = ["count", "sum", "max", "string", "not", "is defined", "flatten", "reverse", "mean"]


def grow(inner):
    operators = st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", ">=", "and", "or"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("{}({})".format, st.sampled_from(FUNCTIONS), inner),
        st.builds("append({}, {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{k: {}, l: {}}}.k".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("(for x in {} return {})".format, inner, inner),
        st.builds("(some x in {} satisfies {})".format, inner, inner),
        st.builds("(every x in {} satisfies {})".format, inner, inner),
        st.builds("({} between {} and {})".format, inner, inner, inner),
        st.builds("({} in ({}, {}))".format, inner, inner, inner),
        st.builds("({} in [{}..{}])".format, inner, inner, inner),
        st.builds("{{k: {}}}.k.a".format, inner),
        st.builds("(-{})".format, inner),
    )


@pytest.mark.zeebe
@pytest.mark.timeout(600)
def test_both_engines_agree_on_any_expression(engine):
    @settings(max_examples=3_000, deadline=None, derandomize=True, database=None)
    @given(st.recursive(names | values, grow, max_leaves=8))
    def agree(expression):
        ours, theirs = answer(expression, VARIABLES), engine.ask(expression, VARIABLES)
        assert without_repeats(ours) == without_repeats(theirs)

    agree()


def without_repeats(found):
    """The real engine evaluates what stands before ``between`` twice, and warns twice."""
    return found | {"warnings": {tuple(warning) for warning in found.get("warnings", ())}}
