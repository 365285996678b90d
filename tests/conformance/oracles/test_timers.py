"""Cron and timer texts: the real code still answers as the cases say, and as ours on any text."""

import pytest
from tests.conformance.oracles.chance import EXAMPLES, SEED
from tests.conformance.timer_cases import (
    COUNT,
    NOW,
    cron_cases,
    cron_moments,
    millis,
    timer_answer,
    timer_cases,
)
from tests.conformance.timer_sampling import TimerSampler

pytestmark = [pytest.mark.oracle, pytest.mark.timeout(300)]

TEXTS = EXAMPLES // 5
"""Random texts of each kind."""


def cron_answer(answer):
    """The moments; None if the text is refused."""
    return [millis(text) for text in answer["moments"]] if "moments" in answer else None


def timer_text(answer):
    """An answer in the form of the cases."""
    if "refused" in answer:
        return "INVALID"
    if "next" not in answer:
        return str(answer["due"])
    return f"{answer['due']} rep={answer['repetitions']} next={answer['next']}"


def test_the_cases_of_cron_still_hold(oracle):
    cases = cron_cases()
    asked = [{"cron": case["cron"], "after": NOW, "count": COUNT} for case in cases]
    for case, answer in zip(cases, oracle.ask("cron", asked), strict=True):
        moments = case["moments"]
        wanted = moments and [millis(text) for text in moments if text != "none"]
        assert cron_answer(answer) == wanted, case["cron"]


def test_the_cases_of_timers_still_hold(oracle):
    cases = timer_cases()
    asked = [case | {"now": millis(NOW)} for case in cases]
    for case, answer in zip(cases, oracle.ask("timer", asked), strict=True):
        assert timer_text(answer) == case["answer"], case["text"]


def test_both_read_any_cron_alike(oracle):
    sampler = TimerSampler(SEED)
    asked = [sampler.cron() for _ in range(TEXTS)]
    taken = crashes = 0
    for question, answer in zip(asked, oracle.ask("cron", asked), strict=True):
        if "crash" in answer:  # docs/reference/engine-differences.md says what ours does then
            crashes += 1
            continue
        wanted = cron_answer(answer)
        found = cron_moments(question["cron"], millis(question["after"]), question["count"])
        assert found == wanted, f"{question} (CONFORMANCE_SEED={SEED}): {answer}"
        taken += wanted is not None
    assert taken > TEXTS / 3
    assert crashes < TEXTS / 15


def test_both_read_any_timer_alike(oracle):
    sampler = TimerSampler(SEED)
    asked = [sampler.timer() for _ in range(TEXTS)]
    taken = 0
    for question, answer in zip(asked, oracle.ask("timer", asked), strict=True):
        wanted = timer_text(answer)
        assert timer_answer(**question) == wanted, f"{question} (CONFORMANCE_SEED={SEED}): {answer}"
        taken += wanted != "INVALID"
    assert taken > TEXTS / 5
