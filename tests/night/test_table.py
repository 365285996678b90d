"""The table of the page for who is on call."""

from tests.night import table
from tests.night.report import Report
from tests.night.situation import Situation
from tests.night.situations import SITUATIONS
from tests.night.stage import RUNBOOK


def report(seconds=None, told="", commands=(), repair=""):
    situation = Situation("pay", "payments fail", play=None, repair=repair)
    return Report(situation, seconds, told, 1, 1, 1, commands, ())


def test_times_are_rounded_up_to_minutes():
    assert table.rows([report(61, "rule WorkflowTasksFail: words")]) == [
        "| payments fail | 2 min | rule `WorkflowTasksFail` | it goes on by itself |"
    ]


def test_commands_are_named_once_without_their_arguments():
    commands = ("workflow incidents resolve --element pay", "workflow incidents resolve --all")
    (row,) = table.rows([report(5, "notice Incident in order: pay", commands)])
    assert row.endswith(
        "| 1 min | notice “Incident in order: pay” | `workflow incidents resolve` |"
    )


def test_what_a_person_does_besides_commands_comes_first():
    row = table.rows([report(commands=("workflow status",), repair="restart it")])[0]
    assert row.endswith("| restart it, `workflow status` |")


def test_where_nothing_is_to_be_told_the_row_says_so():
    assert "| - | nothing to tell, and nothing is told |" in table.rows([report()])[0]


def test_the_page_has_a_row_for_each_situation_in_their_order():
    page = RUNBOOK.read_text(encoding="utf-8").partition("<!-- night -->")[2]
    titles = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]
    assert titles[1 : len(SITUATIONS) + 1] == [each.title for each in SITUATIONS]
