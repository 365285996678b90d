"""How a file is put together: ids, starts, ends, boundary events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Kind
from workflow_runtime.versions import OLDEST, Version


def _platform(context: LintContext) -> Iterator[Problem]:
    definitions = context.definitions
    name, version = definitions.execution_platform, definitions.execution_platform_version
    # What the modelers still write for Zeebe, by the older name of Camunda 8.
    if name and name != "Camunda Cloud":
        yield Problem(
            "",
            "",
            1,
            f"the file is made for {name}, not for Zeebe (Camunda 8)",
            "draw it anew for Camunda 8: the extensions are others",
        )
    # A version that cannot be read is taken for a fitting one.
    elif (Version.read(version or "") or OLDEST) > OLDEST:
        yield Problem(
            "",
            "",
            1,
            f"the file is made for Camunda {version}; Zeebe {OLDEST} may refuse or ignore "
            "what is newer",
            f"choose {OLDEST} as execution platform in the modeler's footer",
        )


def _single_definition(context: LintContext) -> Iterator[Problem]:
    # For all other events a deployment refuses several definitions.
    for event in context.of(Kind.INTERMEDIATE_THROW_EVENT):
        if len(event.events) > 1:
            yield about(
                event,
                f"has {len(event.events)} event definitions; one is possible",
                "draw an event for each",
            )


def _boundaries(context: LintContext) -> Iterator[Problem]:
    for event in context.of(Kind.BOUNDARY_EVENT):
        host = context.by_id.get(event.attached_to or "")
        if host is not None and host.kind is Kind.EVENT_SUB_PROCESS:
            yield about(
                event,
                "is attached to an event sub-process, which no flow leads to",
                "attach it to a task or a sub-process",
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
    Rule("unreadable", E, "The file is BPMN 2.0 that can be read."),
    Rule("schema", E, "Ids are unique and valid, references lead to something."),
    Rule("duplicate-process", E, "A process id is used once in all files."),
    Rule("executable-process", E, "There is an executable process."),
    Rule("execution-platform", Severity.WARNING, f"The file is made for Camunda {OLDEST} or older.",
         _platform),
    Rule("start-event-required", E, "Processes and sub-processes have a start event."),
    Rule("no-multiple-none-start-events", E, "A process has one none start event."),
    Rule("sub-process-start", E, "A sub-process has one start event: none, or in an event "
         "sub-process an event."),
    Rule("single-event-definition", E, "An event waits for one thing.", _single_definition),
    Rule("boundary-event", E, "Boundary events are attached to an activity and lead somewhere.",
         _boundaries),
    Rule("escalation-boundary-event-attached-to-ref", E, "Escalations are caught at sub-processes "
         "and call activities."),
    Rule("error-interrupts", E, "What catches an error interrupts."),
    Rule("end-event", E, "End events end."),
    Rule("written-flows", Severity.WARNING, "Elements name their flows, as modelers write them.",
         _written),
)  # fmt: skip
