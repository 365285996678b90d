"""Timers that start a process: a deployment takes a duration, which no modeler offers there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Kind, TimerKind


def _timers(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.START_EVENT):
        timer = element.event.timer if element.event else None
        inside = element.parent is not None and element.parent.kind is Kind.EVENT_SUB_PROCESS
        if timer and timer.kind is TimerKind.DURATION and not inside:
            what = "has a timeDuration, which may only start an event sub-process"
            yield about(element, what, "expected one of: timeDate, timeCycle")


RULES: Final = (
    Rule("timer", Severity.ERROR, "Timers have one time of a form that their place allows, and it "
         "can be read.", _timers),
    Rule("task-schedule", Severity.ERROR, "Due and follow-up dates can be read."),
)  # fmt: skip
