"""How a file is put together: ids, starts, ends, boundary events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind
from workflow_runtime.versions import OLDEST, Version

_EVENTS: Final = frozenset({
    Kind.START_EVENT, Kind.INTERMEDIATE_CATCH_EVENT, Kind.INTERMEDIATE_THROW_EVENT,
    Kind.BOUNDARY_EVENT, Kind.END_EVENT,
})  # fmt: skip
_ACTIVITIES: Final = frozenset({
    Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.USER_TASK, Kind.BUSINESS_RULE_TASK, Kind.SCRIPT_TASK,
    Kind.RECEIVE_TASK, Kind.MANUAL_TASK, Kind.TASK, Kind.SUB_PROCESS, Kind.CALL_ACTIVITY,
})  # fmt: skip


def nothing(context: LintContext) -> Iterator[Problem]:  # noqa: ARG001 - table entries share one form
    """For rules about files that cannot be seen by a rule."""
    return iter(())


def _schema(context: LintContext) -> Iterator[Problem]:
    for flaw in context.definitions.flaws:
        yield Problem(flaw.element or "", "", flaw.line, flaw.message, flaw.remedy)


def _executable(context: LintContext) -> Iterator[Problem]:
    processes = context.definitions.processes
    if not context.processes:
        first = processes[0] if processes else Element("", Kind.PROCESS, "process", line=1)
        what = "is not executable" if processes else "has no process"
        yield about(first, what, "mark the process as executable in the properties panel")


def _platform(context: LintContext) -> Iterator[Problem]:
    definitions = context.definitions
    name, version = definitions.execution_platform, definitions.execution_platform_version
    if name and name != "Camunda Cloud":
        yield Problem(
            "",
            "",
            1,
            f"the file is made for {name}, not for Zeebe (Camunda 8)",
            "draw it anew for Camunda 8: the extensions are others",
        )
    elif (Version.read(version or "") or OLDEST) > OLDEST:
        yield Problem(
            "",
            "",
            1,
            f"the file is made for Camunda {version}; Zeebe {OLDEST} may refuse or ignore "
            "what is newer",
            f"choose {OLDEST} as execution platform in the modeler's footer",
        )


def _starts(scope: Element) -> list[Element]:
    return [child for child in scope.children.values() if child.kind is Kind.START_EVENT]


def _start(context: LintContext) -> Iterator[Problem]:
    for scope in context.scopes:
        if not _starts(scope):
            yield about(
                scope,
                f"has no start event: the {_word(scope)} could never begin",
                "add a start event",
            )


def _word(scope: Element) -> str:
    return "process" if scope.kind is Kind.PROCESS else "sub-process"


def _one_none_start(context: LintContext) -> Iterator[Problem]:
    for process in context.processes:
        blank = [start for start in _starts(process) if start.event_kind() is EventKind.NONE]
        for start in blank if len(blank) > 1 else ():
            yield about(
                start,
                f"is one of {len(blank)} none start events of its process; Zeebe takes one",
                "keep one, and start the others by messages",
            )


def _sub_process_start(context: LintContext) -> Iterator[Problem]:
    for scope in context.scopes:
        starts = _starts(scope)
        if scope.kind is Kind.PROCESS:
            continue
        if len(starts) > 1:
            yield about(
                scope, f"has {len(starts)} start events; a sub-process has exactly one", "keep one"
            )
        for start in starts:
            blank = start.event_kind() is EventKind.NONE
            if blank and scope.kind is Kind.EVENT_SUB_PROCESS:
                yield about(
                    start,
                    "starts an event sub-process, but waits for nothing",
                    "make it a message, timer, error, signal or escalation start event",
                )
            elif not blank and scope.kind is Kind.SUB_PROCESS:
                yield about(
                    start,
                    "starts a sub-process, but waits for an event",
                    "make it a none start event, or the sub-process an event sub-process",
                )


def _single_definition(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        if element.kind in _EVENTS and len(element.events) > 1:
            yield about(
                element,
                f"has {len(element.events)} event definitions; one is possible",
                "draw an event for each",
            )


def _boundaries(context: LintContext) -> Iterator[Problem]:
    for event in context.of(Kind.BOUNDARY_EVENT):
        host = context.by_id.get(event.attached_to or "")
        if host is None or host.kind not in _ACTIVITIES:
            yield about(event, "is attached to no activity", "attach it to a task or a sub-process")
        if event.written_incoming:
            yield about(
                event,
                "has incoming flows, which a boundary event cannot have",
                "lead them to an element of their own",
            )
        if not event.written_outgoing and event.event_kind() is not EventKind.UNSUPPORTED:
            yield about(event, "leads nowhere", "draw a flow that leaves it")


def _escalation_boundary(context: LintContext) -> Iterator[Problem]:
    for event in context.of(Kind.BOUNDARY_EVENT):
        host = context.by_id.get(event.attached_to or "")
        tasks = _ACTIVITIES - {Kind.SUB_PROCESS, Kind.CALL_ACTIVITY}
        if event.event_kind() is EventKind.ESCALATION and host and host.kind in tasks:
            yield about(
                event,
                f"waits for an escalation of the task {host.id}; tasks raise none",
                "attach it to a sub-process or call activity",
            )


def _interrupting(context: LintContext) -> Iterator[Problem]:
    for event in context.of(Kind.BOUNDARY_EVENT, Kind.START_EVENT):
        if event.event_kind() is EventKind.ERROR and not event.interrupting:
            yield about(
                event,
                "catches an error without interrupting, which cannot be",
                "make it interrupting",
            )


def _ends(context: LintContext) -> Iterator[Problem]:
    for event in context.of(Kind.END_EVENT):
        if event.written_outgoing:
            yield about(
                event,
                "is an end event, but flows leave it",
                "make it an intermediate event, or remove them",
            )


def _written(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        lost = (set(element.incoming) - set(element.written_incoming)) | (
            set(element.outgoing) - set(element.written_outgoing)
        )
        if lost:
            yield about(
                element,
                f"does not name its flows {', '.join(sorted(lost))} in "
                "bpmn:incoming and bpmn:outgoing; checks of the engine and of other tools "
                "read these",
                "open and save the file in a modeler",
            )


E = Severity.ERROR
RULES: Final = (
    Rule("unreadable", E, "The file is BPMN 2.0 that can be read.", nothing, refused=True),
    Rule("schema", E, "Ids are unique and valid, references lead to something.", _schema,
         refused=True),
    Rule("duplicate-process", E, "A process id is used once in all files.", nothing),
    Rule("executable-process", E, "There is an executable process.", _executable, refused=True),
    Rule("execution-platform", Severity.WARNING, f"The file is made for Camunda {OLDEST} or older.",
         _platform),
    Rule("start-event-required", E, "Processes and sub-processes have a start event.", _start,
         refused=True),
    Rule("no-multiple-none-start-events", E, "A process has one none start event.",
         _one_none_start, refused=True),
    Rule("sub-process-start", E, "A sub-process has one start event: none, or in an event "
         "sub-process an event.", _sub_process_start, refused=True),
    Rule("single-event-definition", E, "An event waits for one thing.", _single_definition,
         refused=True),
    Rule("boundary-event", E, "Boundary events are attached to an activity and lead somewhere.",
         _boundaries, refused=True),
    Rule("escalation-boundary-event-attached-to-ref", E, "Escalations are caught at sub-processes "
         "and call activities.", _escalation_boundary, refused=True),
    Rule("error-interrupts", E, "What catches an error interrupts.", _interrupting, refused=True),
    Rule("end-event", E, "End events end.", _ends, refused=True),
    Rule("written-flows", Severity.WARNING, "Elements name their flows, as modelers write them.",
         _written),
)  # fmt: skip
