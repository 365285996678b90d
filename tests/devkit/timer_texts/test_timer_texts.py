"""Cron and timer texts mean what the real engine's code makes of them."""

import pytest
from tests.conformance.timer_cases import (
    COUNT,
    NOW,
    cron_cases,
    cron_moments,
    millis,
    timer_answer,
    timer_cases,
)

from workflow_devkit.timer_texts.cron import CronError, following_by_cron
from workflow_devkit.timer_texts.timers import parse_interval, parse_moment, parse_repetition

MARCH = millis("2026-03-01T00:00:00Z")
DAY = 86_400_000


@pytest.mark.parametrize("case", cron_cases(), ids=lambda case: case["cron"])
def test_a_cron_comes_round_when_the_real_code_says(case):
    found = cron_moments(case["cron"], millis(NOW), COUNT)
    wanted = case["moments"]
    assert found == (wanted and [millis(text) for text in wanted if text != "none"])


@pytest.mark.parametrize("case", timer_cases(), ids=lambda case: f"{case['kind']} {case['text']}")
def test_a_timer_is_due_when_the_real_code_says(case):
    assert timer_answer(case["kind"], case["text"], millis(NOW)) == case["answer"]


def days(text):
    """The days of March 2026 on which this cron comes round."""
    found = cron_moments(text, MARCH - 1, 31) or []
    return [(moment - MARCH) // DAY + 1 for moment in found if moment < MARCH + 31 * DAY]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0 0 0 L * *", [31]),
        ("0 0 0 L-3 * *", [28]),
        ("0 0 0 LW * *", [31]),
        ("0 0 0 15W * *", [16]),
        ("0 0 0 14W * *", [13]),
        ("0 0 0 1W * *", [2]),
        ("0 0 0 * * 5L", [27]),
        ("0 0 0 * * FRIL", [27]),
        ("0 0 0 * * L", [1, 8, 15, 22, 29]),
        ("0 0 0 * * MON#2", [9]),
        ("0 0 0 * * 1#1,2", [2, 3, 10, 17, 24, 31]),
        ("0 0 0 * * SAT-MON", [1, 2, 7, 8, 9, 14, 15, 16, 21, 22, 23, 28, 29, 30]),
        ("0 0 0 * * FRI-SUN/2", [1, 6, 8, 13, 15, 20, 22, 27, 29]),
        ("0 0 0 13 * FRI", [13]),
        ("0 0 0 L,5 * *", [5]),
        ("0 0 0 10-5 * *", [10]),
        ("0 0 0 1|15 * *", [1, 15]),
        ("0 0 0 3 * *||0 0 0 4 * *", [3, 4]),
        ("@monthly||0 0 0 4 * *||", [1, 4]),
        ("0 0 0 ? * ?", []),
        ("0 0 0 * * 1#0", []),
    ],
)
def test_days_of_months_and_of_weeks(text, wanted):
    assert days(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "", "0 0 0 * *", "0 0 0 * * * *", "@DAILY", "@reboot", "@daily x", "60 * * * * *",
        "0 0 22-2 * * *", "0 */0 * * * *", "0 1, * * * *", "0 5/60 * * * *", "? 0 0 * * *",
        "0 L 0 * * *", "0 0 0 32W * *", "0 0 0 L-32 * *", "0 0 0 * 13 *", "0 0 0 * * 8",
        "0 0 0 * * 1W", "0 0 0 * * 1#8", "0 0 0 1-L * *", "0 0 0 1,? * *", "0 0 0 * JANUARY *",
        "0|30 0|1|2 * * * *", "|", "||", "||0 0 0 * * *",
    ],
)  # fmt: skip
def test_what_spring_does_not_know_is_refused(text):
    with pytest.raises(CronError):
        following_by_cron(text)


def test_the_next_second_keeps_the_milliseconds():
    assert following_by_cron("* * * * * *")(MARCH + 250) == MARCH + 1_250
    assert following_by_cron("*/10 * * * * *")(MARCH + 1_250) == MARCH + 10_000


def test_a_cron_that_is_never_met_ends():
    assert following_by_cron("0 0 0 31 2 *")(MARCH) is None


def test_an_interval_begins_at_its_start_if_that_is_still_to_come():
    interval = parse_interval("2026-03-05T00:00:00Z/P1D")
    assert interval.after(MARCH) == MARCH + 4 * DAY
    assert interval.after(MARCH + 4 * DAY) == MARCH + 5 * DAY


@pytest.mark.parametrize(
    ("read", "text", "remedy"),
    [
        (parse_repetition, "3/PT1H", "must start with R"),
        (parse_repetition, "R3", "No interval given"),
        (parse_repetition, "Rx/PT1H", "Cannot parse repetitions count"),
        (parse_interval, "PT1H ", "no duration"),
        (parse_interval, "P999999999999Y", "too large"),
        (parse_moment, "2026-02-30T00:00:00Z", "no day or time"),
        (parse_moment, "2026-03-01T00:00:00", "with an offset"),
        (parse_moment, "2026-03-01T00:00:00+19:00", "no offset"),
        (parse_moment, "2026-03-01T00:00:00Z[Nowhere/There]", "no time zone"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(read, text, remedy):
    with pytest.raises(ValueError, match=remedy):
        read(text)


def test_no_moment_is_beyond_what_a_record_holds():
    with pytest.raises(ValueError, match="beyond"):
        parse_interval("PT9999999999999H").after(MARCH)
    with pytest.raises(ValueError, match="no year"):
        parse_interval("P2147483647Y").after(MARCH)
