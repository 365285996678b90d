"""Code and the page of the engine's rules hold together; and the check sees where they do not."""

from pathlib import Path

import pytest
from tests.conformance.load import scenarios
from tests.docs import semantics
from tests.docs.pages import ROOT
from tests.docs.semantics import PAGE, Citation, Evidence
from tests.support import cases

THIS = Path(__file__).relative_to(ROOT).as_posix()
RULES = semantics.rules((ROOT / PAGE).read_text(encoding="utf-8"))
TEXTS = [(file, text) for file, text in semantics.texts(ROOT) if file != THIS]
CITED = [each for file, text in TEXTS for each in semantics.citations(file, text)]


def evidence():
    files = {entry.split("::")[0] for rule in RULES for entry in rule.shown if "::" in entry}
    return Evidence(
        {scenario.name for scenario in scenarios()},
        {Path(name).stem for name in cases.names("broker/s*.json")},
        {test for file in files for test in semantics.tests_in(ROOT, file)},
    )


def test_each_citation_names_a_rule():
    assert semantics.unknown(CITED, RULES) == []


def test_each_rule_has_its_own_anchor_a_source_and_what_shows_it():
    assert semantics.flaws(RULES, evidence()) == []


def test_each_rule_is_followed_by_code_that_says_so():
    assert semantics.uncited(RULES, CITED) == []


def test_no_rule_is_cited_by_a_number():
    assert [found for file, text in TEXTS for found in semantics.numbered(file, text)] == []


def test_the_page_and_the_code_were_found():
    assert len(RULES) >= 80
    assert len(CITED) >= len(RULES)


SHOWN = Evidence({"a job fails"}, {"s01_straight"}, {"tests/test_a.py::test_it"})
GOOD = """\
## Jobs

### A job fails { #job-failed }

It does.

**Source:** `JobFailProcessor`; recorded.

**Shown by:** `a job fails`, `s01_straight`, `tests/test_a.py::test_it`
"""


def flaws(page):
    return semantics.flaws(semantics.rules(page), SHOWN)


def test_a_sound_page_has_no_flaws():
    (rule,) = semantics.rules(GOOD)
    assert (rule.anchor, rule.title, rule.line) == ("job-failed", "A job fails", 3)
    assert rule.shown == ("a job fails", "s01_straight", "tests/test_a.py::test_it")
    assert flaws(GOOD) == []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("a job fails`,", "a job fail`,", "no scenario or recording 'a job fail'; nearest: a job"),
        ("s01_straight", "s01", "no scenario or recording 's01'; nearest: s01_straight"),
        ("::test_it", "::test_is", "no test 'tests/test_a.py::test_is'; nearest: tests/test_a.py"),
        ("test_a.py", "test_b.py", "no test 'tests/test_b.py::test_it'; nearest: tests/test_a.py"),
        ("**Shown by:** ", "Shown by ", 'no entry after "**Shown by:**"'),
        ("**Source:** ", "Source: ", 'no line "**Source:**"'),
    ],
)
def test_what_does_not_show_a_rule_is_told_with_its_line(right, wrong, told):
    (found,) = flaws(GOOD.replace(right, wrong))
    assert found.startswith(f"{PAGE}:3: job-failed: {told}")


def test_a_rule_with_an_empty_list_is_shown_by_nothing():
    (found,) = flaws(GOOD.replace("`a job fails`, `s01_straight`, `tests/test_a.py::test_it`", "x"))
    assert "no entry" in found


def test_what_is_said_to_be_recorded_needs_something_recorded():
    (found,) = flaws(GOOD.replace("`a job fails`, `s01_straight`, ", ""))
    assert found.startswith(f"{PAGE}:3: job-failed: is said to be recorded")


def test_two_equal_anchors_are_told_with_both_lines():
    (found,) = flaws(GOOD + GOOD)
    assert found == f"{PAGE}:12: job-failed: is already the anchor of line 3"


def test_a_rule_without_an_anchor_is_told():
    (found,) = flaws(GOOD.replace(" { #job-failed }", ""))
    assert found.startswith(f"{PAGE}:3: 'A job fails': no anchor")


@pytest.mark.parametrize("form", ["(semantics#{})", "[a](../engine/semantics.md#{})"])
def test_a_citation_without_its_rule_is_told_with_file_line_and_what_is_near(form):
    text = "first\n" + form.format("job-faild") + form.format("job-failed")
    cited = list(semantics.citations("runtime/a.py", text))
    assert [each.anchor for each in cited] == ["job-faild", "job-failed"]
    assert semantics.unknown(cited, semantics.rules(GOOD)) == [
        f"runtime/a.py:2: no rule 'job-faild' in {PAGE}; nearest: job-failed"
    ]


@pytest.mark.parametrize("text", ["(rule 41)", "Rules 9 to 17", "as rule 2 says"])
def test_a_number_is_no_citation(text):
    (found,) = semantics.numbered("a.py", f"first\n{text}")
    assert found.startswith("a.py:2: ")
    assert list(semantics.numbered("a.py", "each rule, 41 of them")) == []


def test_a_rule_that_only_tests_cite_is_followed_by_nothing():
    known = semantics.rules(GOOD)
    tests = [Citation("tests/test_a.py", 1, "job-failed")]
    (found,) = semantics.uncited(known, tests)
    assert found.startswith(f"{PAGE}:3: job-failed: cited nowhere in the packages")
    assert semantics.uncited(known, [Citation("runtime/src/a.py", 1, "job-failed")]) == []
