"""All rules on all elements, and what the broker writes about those that break one.

Design-time rules first; where a run-time rule has something to say about an element too, only
that is said, as in the broker. Between elements the broker's order is that of a hash table with
identities; here it is that of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.deploy_rules import duplicates, elements, events, expressions
from workflow_devkit.engine.deploy_rules.tree import ACTIVITIES, SUB_PROCESSES, Model, identifier
from workflow_devkit.versions import EXTENSIONS
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.xml import flag

Rule = Callable[[Any, Model], Iterator[str]]
Rules = Mapping[str, Sequence[Rule]]

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
    "serviceTask": [elements.exactly_one("taskDefinition")],
    "sendTask": [elements.either("publishMessage")],
    "scriptTask": [elements.either("script")],
    "businessRuleTask": [elements.either("calledDecision")],
    "callActivity": [elements.exactly_one("calledElement")],
    "receiveTask": [elements.receive],
    "multiInstanceLoopCharacteristics": [elements.exactly_one("loopCharacteristics")],
    "message": [events.message],
    "signal": [events.signal],
    "escalation": [events.escalation],
    "messageEventDefinition": [events.message_definition],
    "signalEventDefinition": [events.signal_definition],
    "linkEventDefinition": [events.link_definition],
    "errorEventDefinition": [events.error_definition],
    "escalationEventDefinition": [events.escalation_definition],
    "timerEventDefinition": [events.timer_definition],
    "zeebe:calledElement": [elements.present("processId")],
    "zeebe:loopCharacteristics": [elements.loop],
    "zeebe:taskDefinition": [elements.present("type")],
    "zeebe:subscription": [elements.present("correlationKey")],
    "zeebe:script": [elements.present("expression", "resultVariable")],
    "zeebe:formDefinition": [elements.form],
    "zeebe:calledDecision": [
        elements.embedded_only("decisions (DMN); let a worker decide, by a zeebe:taskDefinition"),
    ],
    "zeebe:publishMessage": [
        elements.embedded_only("messages without a worker; use a zeebe:taskDefinition"),
    ],
    "zeebe:userTask": [
        elements.embedded_only(
            f"native user tasks ({EXTENSIONS['userTask']}); remove zeebe:userTask to get a job"
        ),
    ],
    "zeebe:executionListener": [
        elements.embedded_only(
            f"execution listeners ({EXTENSIONS['executionListener']}); use a task of its own"
        ),
    ],
}  # fmt: skip
_RUN_TIME: Final[Rules] = {
    "zeebe:input": [expressions.of_attribute("source"), expressions.path],
    "zeebe:output": [expressions.of_attribute("source", dynamic=True), expressions.path],
    "zeebe:subscription": [expressions.of_attribute("correlationKey", dynamic=True)],
    "zeebe:loopCharacteristics": [
        expressions.of_attribute("inputCollection", dynamic=True),
        expressions.of_optional("outputElement", dynamic=True),
    ],
    "zeebe:taskDefinition": [
        expressions.of_attribute("type"), expressions.of_attribute("retries", usual="3"),
    ],
    "zeebe:calledElement": [expressions.of_attribute("processId")],
    "zeebe:script": [expressions.of_attribute("expression", dynamic=True)],
    "zeebe:assignmentDefinition": [expressions.candidates],
    "zeebe:taskSchedule": [expressions.dates],
    "zeebe:taskHeaders": [expressions.headers],
    "message": [expressions.of_optional("name")],
    "signal": [expressions.of_optional("name")],
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


def _design_rules(tag: str) -> Iterator[Rule]:
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


def problems(root: Any, clock: EngineClock) -> str:
    """Everything that forbids to deploy a file; empty when nothing does."""
    model = Model.of(root, clock)
    found: list[str] = []
    for tag, node in _walk(root):
        first = [text for rule in _design_rules(tag) for text in rule(node, model)]
        then = [text for rule in _RUN_TIME.get(tag, ()) for text in rule(node, model)]
        if texts := then or first:
            lines = "".join(f"    - ERROR: {text}\n" for text in texts)
            found.append(f"- Element: {identifier(node)}\n{lines}")
    return "".join(found)


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """All elements but those of processes that nobody runs."""
    stack = [root]
    while stack:
        node = stack.pop()
        tag = _tag(node)
        if tag == "process" and not flag(node.get("isExecutable"), default=False):
            continue
        if tag:
            yield tag, node
        stack.extend(reversed(node))


def _tag(node: Any) -> str:
    if not isinstance(node.tag, str):
        return ""
    for namespace, prefix in ((names.BPMN, ""), (names.ZEEBE, "zeebe:")):
        if node.tag.startswith(namespace):
            return prefix + node.tag.removeprefix(namespace)
    return ""
