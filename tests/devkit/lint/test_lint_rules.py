"""Each rule finds what it is for, where it is, and says what to do; and finds it nowhere else."""

import subprocess
import sys

import pytest
from tests.devkit.lint.lint_cases import CASES, attached
from tests.support.drawing import (
    END,
    MESSAGE,
    START,
    catch,
    draw,
    message,
    straight,
    task,
    timer,
)

from workflow_devkit.engine.deploy_rules import SENTENCES
from workflow_devkit.feel import BUILTINS
from workflow_devkit.lint import RULES, Options, Profile, lint, refusals
from workflow_devkit.lint.advice import ADVICE, SILENT

OF_FILES = {"unreadable", "duplicate-process"}
"""Rules about what no parsed file shows; test_lint_files.py has them."""
each_case = pytest.mark.parametrize("rule", CASES)


def found(content: bytes, rule: str, profile: Profile = Profile.DESCRIPTION):
    findings = lint(content, "x.bpmn", Options(profile))
    return [finding for finding in findings if finding.rule == rule]


def test_every_rule_has_a_case():
    assert set(CASES) | OF_FILES == set(RULES)


def test_a_function_that_only_later_brokers_have_is_found_though_our_engine_has_it(monkeypatch):
    monkeypatch.setitem(BUILTINS, "trim", BUILTINS["lower case"])
    (finding,) = found(CASES["feel-compatibility"].bad, "feel-compatibility")
    assert "in 8.4 it gives null" in finding.message


@each_case
def test_a_rule_finds_what_it_is_for(rule):
    findings = found(CASES[rule].bad, rule)
    assert CASES[rule].element in [finding.element for finding in findings]
    assert all(f.line > 0 and f.message and f.remedy and f.file == "x.bpmn" for f in findings)


@each_case
def test_a_rule_finds_nothing_where_nothing_is(rule):
    assert found(CASES[rule].good, rule) == []


@pytest.mark.parametrize(
    "rule", [name for name, each in RULES.items() if each.refused and name in CASES]
)
def test_what_the_engine_refuses_is_a_refusal_on_every_profile(rule):
    names = {each.rule for each in refusals(CASES[rule].bad, "x.bpmn")}
    assert rule in names
    assert all(RULES[name].refused for name in names)


def test_lint_has_words_for_each_deploy_rule_and_no_others():
    assert set(ADVICE) | SILENT == set(SENTENCES)
    assert not set(ADVICE) & SILENT
    assert {advice.rule for advice in ADVICE.values()} <= set(RULES)


def test_lint_needs_the_deploy_rules_and_not_the_engine():
    code = "import sys, workflow_devkit.lint as _; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    assert "workflow_devkit.engine.deploy_rules" in loaded
    assert "workflow_devkit.engine.engine" not in loaded
    assert "grpc" not in loaded


def test_of_a_drawing_that_nobody_runs_only_that_is_said():
    drawing = CASES["timer"].bad.replace(b'isExecutable="true"', b"")
    assert [each.rule for each in refusals(drawing, "x.bpmn")] == ["executable-process"]


def test_what_is_not_run_at_all_gets_no_other_advice():
    boundary = attached("<compensateEventDefinition />", 'cancelActivity="false"')
    assert [each.rule for each in refusals(boundary, "x.bpmn")] == ["element-type"]


def test_a_message_at_a_receive_task_and_at_its_boundary_is_refused():
    task_ = '<receiveTask id="a" messageRef="m" />'
    content = attached(MESSAGE, host=task_, top=message())
    assert [each.element for each in found(content, "duplicate-catch")] == ["a"]


@pytest.mark.parametrize("rule", ["profile", "name-pattern", "unique-task-type"])
def test_rules_of_the_description_are_silent_in_the_profile_zeebe(rule):
    assert found(CASES[rule].bad, rule, Profile.ZEEBE) == []


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("timeDuration", "PT15M"),
        ("timeDuration", "P1Y2DT3H"),
        ("timeDuration", "=duration(wait)"),
        ("timeDate", "2030-01-31T09:00:00Z"),
        ("timeDate", "2030-01-31T09:00:00+02:00[Europe/Berlin]"),
    ],
)
def test_times_that_the_engine_reads_are_fine(form, text):
    assert found(straight(catch("a", timer(text, form))), "timer") == []


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("timeDuration", "5 seconds", "is no duration"),
        ("timeDuration", "", "empty timeDuration"),
        ("timeDate", "tomorrow", "is no date and time"),
        ("timeDate", "2030-01-31", "is no date and time"),
        ("timeDate", "2030-02-30T00:00:00Z", "is no date and time"),
        ("timeCycle", "R/PT1S", "may not have"),
    ],
)
def test_times_that_the_engine_does_not_read_are_said(form, text, said):
    (finding,) = found(straight(catch("a", timer(text, form))), "timer")
    assert said in finding.message


CYCLES = {
    "R3/PT1H": True,
    "R/2030-01-01T00:00:00Z/P1D": True,
    "R-1/PT1S": True,
    "0 0 9 * * MON-FRI": True,
    "0 0 9 LW * ?": True,
    "0 0 9 15W * ?": True,
    "@daily": True,
    "0 9 * * *": False,
    "R3": False,
    "R3/1H": False,
    "0 0 25 * * *": False,
    "@sometimes": False,
}


@pytest.mark.parametrize(("text", "good"), CYCLES.items())
def test_cycles_are_intervals_or_cron_with_seconds(text, good):
    start = catch("start", timer(text, "timeCycle"), "startEvent")
    findings = found(draw(start + task("a") + END, "start > a\na > end"), "timer")
    assert (findings == []) is good


def test_an_expression_is_located_in_the_file_however_it_is_written():
    content = straight(task("a", '<zeebe:ioMapping><zeebe:input source="=if a &lt; 1 &#38; 2"'
                            ' target="x" /></zeebe:ioMapping>'))  # fmt: skip
    (finding,) = found(content, "feel")
    line = content.decode().splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("&amp; 2")


def test_an_expression_of_several_lines_is_located():
    content = straight(
        catch("a", "<timerEventDefinition><timeDuration>=duration(\n  1 +* 2)</timeDuration>"
              "</timerEventDefinition>"))  # fmt: skip
    (finding,) = found(content, "feel")
    line = content.decode().splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("* 2)")


def test_a_misspelt_function_gets_a_suggestion():
    (finding,) = found(CASES["feel-function"].bad, "feel-function")
    assert finding.remedy == "did you mean 'upper case'?"


def test_every_expression_of_an_element_is_read():
    nodes = {
        "type": task("a", type_="=x >"),
        "retries": task("a", retries="=x >"),
        "input": task("a", '<zeebe:ioMapping><zeebe:input source="=x &gt;" target="y" />'
                      "</zeebe:ioMapping>"),
        "timer": catch("a", timer("=x >")),
        "script": catch("a", '<extensionElements><zeebe:script expression="=x &gt;" '
                        'resultVariable="y" /></extensionElements>', "scriptTask"),
        "called": catch("a", '<extensionElements><zeebe:calledElement processId="=x &gt;" />'
                        "</extensionElements>", "callActivity"),
        "assignee": catch("a", '<extensionElements><zeebe:assignmentDefinition assignee="=x &gt;" '
                          "/></extensionElements>", "userTask"),
    }  # fmt: skip
    for what, node in nodes.items():
        assert [each.element for each in found(straight(node), "feel")] == ["a"], what


def joined(flows: str, extra: str = "") -> list[str]:
    nodes = (
        START + task("a") + task("b") + END + extra
        + '<exclusiveGateway id="g" default="g_b" /><parallelGateway id="j" />'
    )  # fmt: skip
    return [each.element for each in found(draw(nodes, flows), "never-joins")]


FORK = '<parallelGateway id="f" />'


def test_a_join_of_alternatives_never_joins():
    assert joined("start > g\ng > a if =x\ng > b\na > j\nb > j\nj > end") == ["j"]


def test_a_join_may_be_fed_by_one_alternative_and_a_fork():
    flows = "start > f\nf > g\nf > j\ng > a if =x\ng > b\na > j\nb > end\nj > end"
    assert joined(flows, FORK) == []


def test_alternatives_that_two_tokens_take_may_join():
    flows = "start > f\none: f > g\ntwo: f > g\ng > a if =x\ng > b\na > j\nb > j\nj > end"
    assert joined(flows, FORK) == []


def test_a_loop_back_into_a_join_never_joins():
    flows = "start > j\nj > a\na > g\ng > j if =x\ng > b\nb > end"
    assert joined(flows) == ["j"]


def test_a_boundary_event_that_does_not_interrupt_leaves_the_join_undecided():
    extra = catch("t", timer("PT1S"), "boundaryEvent", 'attachedToRef="a" cancelActivity="false"')
    assert joined("start > a\na > j\nt > j\nj > end\ng > b", extra) == []


def test_a_boundary_event_that_interrupts_is_an_alternative():
    extra = catch("t", timer("PT1S"), "boundaryEvent", 'attachedToRef="a"')
    assert joined("start > a\na > j\nt > j\nj > end\ng > b", extra) == ["j"]


def test_too_many_ways_are_given_up_in_time():
    forks = "".join(
        f'<inclusiveGateway id="g{n}" /><parallelGateway id="j{n}" />' for n in range(12)
    )
    flows = "\n".join(
        f"{'start' if n == 0 else f'j{n - 1}'} > g{n}\n"
        + "\n".join(f"f{n}{k}: g{n} > j{n} if =x" for k in range(8))
        for n in range(12)
    )
    assert found(draw(START + forks + END, flows + "\nj11 > end"), "never-joins") == []
