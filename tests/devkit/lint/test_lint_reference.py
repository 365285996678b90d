"""Lint says what bpmnlint says with Camunda's rules for 8.4, where both have the rule.

Compared on the small diagrams of lint_cases.py, on every model of other people, and on the same
models with all their processes made executable (most are drawings, in which Camunda's rules look
at nothing).
"""

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest
from tests.devkit.lint.lint_cases import CASES
from tests.devkit.render.pictures import MODELS
from tools import bpmnlint

from workflow_devkit.lint import Options, Profile, lint_files

COMPAT = "camunda-compat/"

SAME = {
    "called-element": {COMPAT + "called-element"},
    "duplicate-task-headers": {COMPAT + "duplicate-task-headers"},
    "element-type": {COMPAT + "element-type"},
    "error-reference": {COMPAT + "error-reference"},
    "escalation-boundary-event-attached-to-ref": {
        COMPAT + "escalation-boundary-event-attached-to-ref"
    },
    "escalation-reference": {COMPAT + "escalation-reference"},
    "executable-process": {COMPAT + "executable-process"},
    "feel": {COMPAT + "feel"},
    "feel-compatibility": {COMPAT + "feel-compatibility"},
    "implementation": {COMPAT + "implementation"},
    "inclusive-gateway": {COMPAT + "inclusive-gateway"},
    "io-mapping": {COMPAT + "io-mapping"},
    "link-event": {COMPAT + "link-event", "link-event"},
    "loop-characteristics": {COMPAT + "loop-characteristics"},
    "message-reference": {COMPAT + "message-reference"},
    "no-loop": {COMPAT + "no-loop"},
    "no-multiple-none-start-events": {COMPAT + "no-multiple-none-start-events"},
    "no-zeebe-user-task": {COMPAT + "no-zeebe-user-task"},
    "sequence-flow-condition": {COMPAT + "sequence-flow-condition"},
    "signal-reference": {COMPAT + "signal-reference"},
    "start-event-required": {"start-event-required"},
    "subscription": {COMPAT + "subscription"},
    "task-schedule": {COMPAT + "task-schedule"},
    "timer": {COMPAT + "timer"},
    "variable-name": {COMPAT + "variable-name"},
    "event-based-gateway": {"event-based-gateway"},
    "end-event-required": {"end-event-required"},
    "fake-join": {"fake-join"},
    "no-duplicate-sequence-flows": {"no-duplicate-sequence-flows"},
    "no-gateway-join-fork": {"no-gateway-join-fork"},
    "no-implicit-end": {"no-implicit-end"},
    "no-implicit-split": {"no-implicit-split"},
    "single-event-definition": {"single-event-definition"},
    "superfluous-gateway": {"superfluous-gateway"},
    "sub-process-start": {
        "event-sub-process-typed-start-event", "sub-process-blank-start-event"
    },
}  # fmt: skip
"""Our rule and those of the reference that together say the same."""

ALSO = {"variable-name": {"result-variable"}, "loop-characteristics": {"standard-loop"}}
"""What the reference says by one rule and we by several."""

WHOLE_FILE = {"executable-process", "no-loop"}
"""The reference reports these at the process or its pool, we at the element that is to change."""

ECHOES = {"Duplicate outgoing sequence flows", "Duplicate incoming sequence flows"}
"""The reference reports two flows also at both of their ends."""

DIFFERENT = {
    "feel": (
        "the engine's FEEL wants backticks around names with spaces, the reference's does not",
        {("ARIS-10.2025.07__C.8.0-export", "_1a818a94-ba6f-413b-a7e8-6f8fd2a11e32")},
    ),
    "subscription": (
        "the reference asks for a key also where a message is thrown; the engine asks for none",
        {
            ("Enterprise-Architect-12.0.1207__B.2.0-roundtrip",
             "EAID_C7CA0E34_0BF0_49b0_B423_B2965AAFFE71"),
            ("iGrafx-FlowCharter-2013-15.1.1.1580__A.1.2-export", "shape_IDAP5NGE"),
        },
    ),
    "message-reference": (
        "the engine asks for a message's name also where it is thrown",
        {("Enterprise-Architect-12.0.1207__B.2.0-roundtrip",
          "EAID_C7CA0E34_0BF0_49b0_B423_B2965AAFFE71")},
    ),
    "timer": (
        "the engine asks every timer for its time, also those that no event has",
        {
            (f"iGrafx-{file}", f"timer_IDA{each}")
            for file, timers in (
                ("FlowCharter-2013-15.1.1.1580__A.1.2-export",
                 "W4OGE G4OGE O4OGE 44OGE G5OGE O5OGE"),
                ("Process-2013-for-Six-Sigma-15.0.4.1565__A.4.1-roundtrip",
                 "WEFYB 4EFYB OEFYB WFFYB GFFYB OFFYB"),
            )
            for each in timers.split()
        },
    ),
    "no-implicit-end": (
        "8.4 has no compensation, so what only compensation would reach is no exception to us",
        {
            (f"{file}__C.6.0{end}", element)
            for file, end in (
                ("Reference", ""),
                ("BPMN-Modeler-for-Confluence-Enterprise-3.38.0", "-roundtrip"),
            )
            for element in (
                "_3a2f133c-3ae1-4e21-94b5-6e8cf51acd74",
                "_0198160d-b56c-4919-9920-db5f32d16b3f",
            )
        },
    ),
}  # fmt: skip
"""Why and where we differ from the reference."""


@pytest.fixture
def ours_written(tmp_path):
    """The small diagrams as files."""
    for rule, case in CASES.items():
        (tmp_path / f"{rule}-bad.bpmn").write_bytes(case.bad)
        (tmp_path / f"{rule}-good.bpmn").write_bytes(case.good)
    return sorted(tmp_path.glob("*.bpmn"))


@pytest.fixture
def models(foreign, tmp_path):
    """Other people's models as files, each also with all its processes executable."""
    for file in map(foreign, MODELS):
        content = file.read_bytes()
        (tmp_path / f"drawn-{file.name}").write_bytes(content)
        (tmp_path / f"executable-{file.name}").write_bytes(executable(content))
    return sorted(tmp_path.glob("*.bpmn"))


def executable(content: bytes) -> bytes:
    without = re.sub(rb'(<[\w:]*process\b[^>]*?)\s+isExecutable="\w+"', rb"\1", content)
    return re.sub(rb"(<[\w:]*process\b)(?=[\s>])", rb'\1 isExecutable="true"', without)


def by_the_reference(files):
    try:
        result = bpmnlint.lint(files)
    except bpmnlint.Missing as reason:
        if os.environ.get("CI"):
            pytest.fail(f"the reference must be there on CI: {reason}")
        pytest.skip(f"bpmnlint cannot be run: {reason}")
    return {Path(file).name: found for file, found in result.findings.items()}


def by_lint(files):
    found = defaultdict(set)
    for each in lint_files(files, lambda path: Options(Profile.ZEEBE)):
        found[Path(each.file).name].add((each.rule, each.element))
    return found


def by_us(found, rule: str) -> set[str]:
    names = {rule, *ALSO.get(rule, ())}
    return {"" if rule in WHOLE_FILE else element for name, element in found if name in names}


def by_them(found, rule: str) -> set[str]:
    return {
        "" if rule in WHOLE_FILE else each["id"]
        for each in found
        if each["rule"] in SAME[rule] and each["message"] not in ECHOES
    }


def differences(ours, theirs, rule: str) -> set[tuple[str, str]]:
    found = set()
    for file, reports in theirs.items():
        crashed = any(r["category"] == "rule-error" and r["rule"] in SAME[rule] for r in reports)
        drawing = file.startswith("drawn-") and not all(r.startswith(COMPAT) for r in SAME[rule])
        if not crashed and not drawing:
            found |= {(file, each) for each in by_us(ours[file], rule) ^ by_them(reports, rule)}
    return found


def crashes(theirs) -> set[str]:
    return {
        file
        for file, reports in theirs.items()
        if any(report["category"] == "rule-error" for report in reports)
    }


# One test for each lot, so that tests which run side by side do not all start the reference.
@pytest.mark.slow
def test_both_find_the_same_in_the_small_diagrams(ours_written):
    ours, theirs = by_lint(ours_written), by_the_reference(ours_written)
    assert len(theirs) == 2 * len(CASES)
    assert crashes(theirs) == set()
    rules = {report["rule"] for reports in theirs.values() for report in reports}
    assert not [rule for rule in SAME if not SAME[rule] & rules]
    found = {rule: differences(ours, theirs, rule) for rule in SAME}
    assert {rule: places for rule, places in found.items() if places} == {}


@pytest.mark.slow
def test_both_find_the_same_in_models_of_other_people(models):
    ours, theirs = by_lint(models), by_the_reference(models)
    assert len(theirs) == 2 * len(MODELS)
    assert all("GenMyModel" in file for file in crashes(theirs))
    found = {rule: differences(ours, theirs, rule) for rule in SAME}
    expected = {
        rule: {(f"executable-{file}.bpmn", element) for file, element in places}
        for rule, (_, places) in DIFFERENT.items()
    }
    assert {rule: places for rule, places in found.items() if places} == expected
