"""What a timer's name says is held against its time, and nothing else is."""

import pytest
from tests.support.drawing import END, START, catch, draw, straight
from tests.support.drawing import timer as time

from workflow_devkit.lint import lint

WRONG = [
    ("Wait 10 minutes", "P10M"),
    ("Wait\n10\nminutes", "P10M"),
    ("10 Min", "P10M"),
    ("10-minute break", "P10M"),
    ("Wait ten minutes", "P10M"),
    ("forty-five minutes", "PT45S"),
    ("5 days", "PT5M"),
    ("After 5 days", "P5M"),
    ("2 weeks", "P12D"),
    ("two weeks passed", "P2D"),
    ("1 hour", "PT1M"),
    ("24h", "PT2H"),
    ("30s", "PT30M"),
    ("1.5 hours", "PT1H"),
    ("1,5 h", "PT15H"),
    ("half an hour", "PT5M"),
    ("Wait a day", "PT1H"),
    ("1 hour 30 minutes", "PT1H"),
    ("2-3 days", "P5D"),
    ("1 month", "PT1M"),
    ("Wait 1 year", "P1M"),
    ("3 months", "P3D"),
    ("Wait 10 minutes", '=duration("P10M")'),
    ("Wait 10 minutes", '="P10M"'),
]
RIGHT = [
    ("Wait 10 minutes", "PT10M"),
    ("Wait 10 minutes", "PT600S"),
    ("1 hour", "PT60M"),
    ("24 hours", "P1D"),
    ("2 weeks", "P14D"),
    ("14 days", "P2W"),
    ("12 months", "P1Y"),
    ("1 month", "P30D"),
    ("1 year", "P365D"),
    ("half an hour", "PT30M"),
    ("1 hour and 30 minutes", "PT90M"),
    ("2-3 days", "P2D"),
    ("2 to 3 days", "PT60H"),
    ("twenty-four hours", "P1D"),
    ("seventy two hours", "P3D"),
    ("eighty days", "P80D"),
    ("Invoice 30 days net: remind after 10 days", "P10D"),
    ("Wait 10 minutes", "=wait"),
    ("Wait 10 minutes", '=duration(text + "M")'),
]
UNCLEAR = [
    ("Order 66", "PT1H"),
    ("Step 3", "PT1H"),
    ("Day 3", "PT72H"),
    ("5 business days", "P7D"),
    ("5 working days", "P7D"),
    ("2 days before departure", "P5D"),
    ("Older than 30 days", "PT1H"),
    ("At least 2 days", "P5D"),
    ("Remind twice a day", "PT12H"),
    ("3 times a day", "PT8H"),
    ("Wait for a second answer", "P1D"),
    ("End of the day", "PT8H"),
    ("End of a day", "PT8H"),
    ("1h30", "PT90M"),
    ("1h 30m", "PT90M"),
    ("2 hours 30", "PT150M"),
    ("1:30 hours", "PT90M"),
    ("1½ hours", "PT90M"),
    ("an hour and a half", "PT90M"),
    ("a hundred days", "P100D"),
    ("1,000 hours", "PT1000H"),
    ("10 Minuten", "PT10S"),
    ("24/7 support", "PT1H"),
    ("T-5 days", "P25D"),
    ("PT10M", "PT10M"),
    ("Quarter of an hour", "PT15M"),
    ("Half day", "PT4H"),
    ("2 x 5 minutes", "PT10M"),
    ("~ 2 hours", "PT110M"),
    ("about 2 hours", "PT100M"),
    ("almost 2 days", "PT47H"),
    ("> 30 days", "P31D"),
    ("&lt;2h", "PT1H"),
    ("Day 30 of 60 days", "P30D"),
    ("2nd of 3 days", "P1D"),
    ("2 days left", "P28D"),
    ("remaining 2 days", "P28D"),
    ("2 days to go", "P5D"),
    ("Deadline (2 days, 3 if holiday)", "P3D"),
    ("1.000 seconds", "PT1000S"),
    ("1'000 seconds", "PT1000S"),
    ("№5 minutes", "PT1H"),
    ("#2 day", "PT1H"),
    ("", "P10D"),
]


def found(name, text, form="timeDuration", rule="timer-name"):
    shown = name.replace("\n", "&#10;")
    content = straight(catch("a", time(text, form), more=f'name="{shown}"'))
    return [each for each in lint(content, "x.bpmn") if each.rule == rule]


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_a_name_that_says_another_time_is_found(name, text):
    (finding,) = found(name, text)
    assert finding.element == "a"


@pytest.mark.parametrize(("name", "text"), RIGHT)
def test_a_name_that_says_the_same_in_other_words_is_right(name, text):
    assert found(name, text) == []


@pytest.mark.parametrize(("name", "text"), UNCLEAR)
def test_a_name_that_may_mean_something_else_is_left_alone(name, text):
    assert found(name, text) == []


def test_the_finding_says_what_is_written_what_it_is_and_what_to_write():
    (finding,) = found("Wait 10 minutes", "P10M")
    assert finding.message == "says '10 minutes', but its timer is P10M, which is 10 months"
    assert finding.remedy == "10 minutes is PT10M: correct the timer or the name"


def cycled(name, text):
    content = draw(
        catch("a", time(text, "timeCycle"), "startEvent", f'name="{name}"') + END, "a > end"
    )
    return [each.element for each in lint(content, "x.bpmn") if each.rule == "timer-name"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Daily report", "R/P1D"),
        ("Daily report", "R/PT24H"),
        ("Every hour", "R/PT60M"),
        ("Daily report", "0 0 9 * * *"),
        ("Daily at 9", "0 0 9 * * MON-FRI"),
        ("Every day", "@daily"),
        ("Hourly", "0 0 8-17 * * *"),
        ("Every 5 minutes", "0 */5 * * * *"),
        ("Monthly", "0 0 0 1 * *"),
        ("Yearly", "0 0 0 1 1 *"),
        ("Weekly", "R/P7D"),
        ("Quarterly", "R/P3M"),
        ("Remind for 3 days", "R3/P1D"),
        ("Every other week", "R/P14D"),
        ("Every second day", "R/P2D"),
        ("Half-hourly", "R/PT30M"),
        ("Semi-monthly", "R/P15D"),
        ("Bi-monthly", "R/P2M"),
        ("Six-monthly", "R/P6M"),
        ("2-hourly", "R/PT2H"),
    ],
)
def test_a_cycle_that_comes_round_as_its_name_says_is_right(name, text):
    assert cycled(name, text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Daily report", "R/PT1H"),
        ("Daily report", "R/P1M"),
        ("Hourly", "R/P1D"),
        ("Every 10 minutes", "R/P10M"),
        ("Every 5 minutes", "0 0 */5 * * *"),
        ("Daily report", "0 0 * * * *"),
        ("Monthly", "0 0 0 * * MON"),
        ("Every minute", "R/PT1S"),
    ],
)
def test_a_cycle_that_comes_round_otherwise_is_found(name, text):
    assert cycled(name, text) == ["a"]


def test_boundary_events_and_event_sub_processes_are_compared_too():
    boundary = catch("late", time("P5M"), "boundaryEvent", 'name="5 minutes" attachedToRef="t"')
    content = draw(START + '<manualTask id="t" />' + boundary + END, "start > t > end\nlate > end")
    assert "late" in [each.element for each in lint(content, "x.bpmn") if each.rule == "timer-name"]


@pytest.mark.parametrize("text", ["P5M", "P15M", "P30M", "P90M"])
def test_months_that_nobody_counts_in_months_are_mentioned(text):
    (finding,) = found("Too late", text, rule="timer-months")
    assert f"write PT{text[1:]}" in finding.remedy


@pytest.mark.parametrize(
    "text", ["P1M", "P2M", "P3M", "P6M", "P12M", "P18M", "P24M", "P36M", "P60M"]
)
def test_months_that_are_usual_are_not(text):
    assert found("Too late", text, rule="timer-months") == []


def test_months_that_the_name_tells_are_left_to_the_other_rule():
    assert found("10 months", "P10M", rule="timer-months") == []
    assert found("10 minutes", "P10M", rule="timer-months") == []
