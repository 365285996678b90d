"""Which rules hold for which element: by its tag, extensions with ``zeebe:`` in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from workflow_devkit.engine.deploy_rules import duplicates, elements, events, expressions
from workflow_devkit.engine.deploy_rules.refusal import Breach
from workflow_devkit.engine.deploy_rules.tree import ACTIVITIES, SUB_PROCESSES, Model
from workflow_runtime.bpmn import names
from workflow_runtime.versions import EXTENSIONS

Rule = Callable[[Any, Model], Iterable[Breach]]
Rules = Mapping[str, Sequence[Rule]]

# Only these may have flows with conditions (semantics#exclusive-gateway).
_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_OWN: Final[Rules] = {
    "definitions": [elements.file],
    "process": [
        elements.process, duplicates.same_event_sub_processes, duplicates.same_signal_starts,
        duplicates.links,
    ],
    "boundaryEvent": [events.boundary],
    "endEvent": [events.throw, events.end],
    "intermediateThrowEvent": [events.throw],
    "intermediateCatchEvent": [events.catch],
    "startEvent": [events.start],
    "eventBasedGateway": [events.event_gateway],
    "exclusiveGateway": [elements.default_flow],
    "inclusiveGateway": [elements.inclusive],
    "sequenceFlow": [elements.flow],
    "serviceTask": [elements.exactly_one("taskDefinition", "no-task-definition")],
    "sendTask": [elements.either("publishMessage")],
    "scriptTask": [elements.either("script")],
    "businessRuleTask": [elements.either("calledDecision")],
    "callActivity": [elements.exactly_one("calledElement", "no-called-element")],
    "receiveTask": [elements.receive],
    "multiInstanceLoopCharacteristics": [
        elements.exactly_one("loopCharacteristics", "no-loop-characteristics"),
    ],
    "message": [events.message],
    "signal": [events.signal],
    "escalation": [events.escalation],
    "messageEventDefinition": [events.message_definition],
    "signalEventDefinition": [events.signal_definition],
    "linkEventDefinition": [events.link_definition],
    "errorEventDefinition": [events.error_definition],
    "escalationEventDefinition": [events.escalation_definition],
    "timerEventDefinition": [events.timer_definition],
    "zeebe:calledElement": [elements.present("no-called-process", "processId")],
    "zeebe:loopCharacteristics": [elements.loop],
    "zeebe:taskDefinition": [elements.present("no-task-type", "type")],
    "zeebe:subscription": [events.correlation_key],
    "zeebe:script": [elements.present("script-incomplete", "expression", "resultVariable")],
    "zeebe:formDefinition": [elements.form],
    "zeebe:calledDecision": [
        elements.present("decision-incomplete", "decisionId", "resultVariable"),
    ],
}  # fmt: skip
NOT_RUN: Final[Rules] = {
    "zeebe:calledDecision": [
        elements.not_run("decisions (DMN); let a worker decide, by a zeebe:taskDefinition"),
    ],
    "zeebe:publishMessage": [
        elements.not_run("messages without a worker; use a zeebe:taskDefinition"),
    ],
    "zeebe:userTask": [
        elements.not_run(
            f"native user tasks ({EXTENSIONS['userTask']}); remove zeebe:userTask to get a job"
        ),
    ],
    "zeebe:executionListener": [
        elements.not_run(
            f"execution listeners ({EXTENSIONS['executionListener']}); use a task of its own"
        ),
    ],
}  # fmt: skip
"""Extensions that a broker heeds, but not the embedded engine."""
RUN_TIME: Final[Rules] = {
    "zeebe:input": [expressions.source(), expressions.path],
    "zeebe:output": [expressions.source(dynamic=True), expressions.path],
    "zeebe:subscription": [expressions.of_attribute("correlationKey", dynamic=True)],
    "zeebe:loopCharacteristics": [
        expressions.of_attribute("inputCollection", dynamic=True),
        expressions.of_optional("outputElement", dynamic=True),
    ],
    "zeebe:taskDefinition": [
        expressions.of_attribute("type"), expressions.of_optional("retries"),
    ],
    "zeebe:calledElement": [expressions.of_attribute("processId")],
    "zeebe:script": [expressions.of_attribute("expression", dynamic=True)],
    "zeebe:calledDecision": [expressions.of_attribute("decisionId")],
    "zeebe:assignmentDefinition": [expressions.candidates],
    "zeebe:taskSchedule": [expressions.dates],
    "zeebe:taskHeaders": [expressions.headers],
    "message": [expressions.of_optional("name")],
    "signal": [expressions.of_optional("name")],
    "error": [expressions.of_optional("errorCode")],
    "escalation": [expressions.of_optional("escalationCode")],
    "conditionExpression": [expressions.condition],
    "timerEventDefinition": [expressions.timer],
    "multiInstanceLoopCharacteristics": [expressions.completion],
    "intermediateCatchEvent": [expressions.catching_timer],
    "boundaryEvent": [expressions.catching_timer],
    "startEvent": [
        expressions.catching_timer, expressions.start_names("message"),
        expressions.start_names("signal"),
    ],
}  # fmt: skip


def design_rules(tag: str) -> Iterator[Rule]:
    """What holds for an element's more general types comes before what is its own."""
    if tag in names.KINDS:
        yield elements.supported
        if tag not in _CHOOSING:
            yield elements.unconditional
    if tag in ACTIVITIES:
        yield duplicates.same_boundaries
    if tag in SUB_PROCESSES:
        yield from (elements.sub_process, duplicates.same_event_sub_processes, duplicates.links)
    if tag in names.EVENTS:
        yield events.definition
    yield from _OWN.get(tag, ())
    yield from NOT_RUN.get(tag, ())
