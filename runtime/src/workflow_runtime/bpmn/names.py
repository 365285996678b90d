"""Namespaces and tags of BPMN files."""

from __future__ import annotations

from typing import Final

from workflow_runtime.bpmn.model import EventKind, Kind

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
DI: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
BIOC: Final = "{http://bpmn.io/schema/bpmn/biocolor/1.0}"
COLOR: Final = "{http://www.omg.org/spec/BPMN/non-normative/color/1.0}"
MODELER: Final = "{http://camunda.org/schema/modeler/1.0}"
ZEEBE: Final = "{http://camunda.org/schema/zeebe/1.0}"

KINDS: Final = {
    "subProcess": Kind.SUB_PROCESS,
    "startEvent": Kind.START_EVENT,
    "intermediateCatchEvent": Kind.INTERMEDIATE_CATCH_EVENT,
    "intermediateThrowEvent": Kind.INTERMEDIATE_THROW_EVENT,
    "boundaryEvent": Kind.BOUNDARY_EVENT,
    "endEvent": Kind.END_EVENT,
    "serviceTask": Kind.SERVICE_TASK,
    "receiveTask": Kind.RECEIVE_TASK,
    "userTask": Kind.USER_TASK,
    "manualTask": Kind.MANUAL_TASK,
    "task": Kind.TASK,
    "exclusiveGateway": Kind.EXCLUSIVE_GATEWAY,
    "parallelGateway": Kind.PARALLEL_GATEWAY,
    "eventBasedGateway": Kind.EVENT_BASED_GATEWAY,
    "inclusiveGateway": Kind.INCLUSIVE_GATEWAY,
    "callActivity": Kind.CALL_ACTIVITY,
    "businessRuleTask": Kind.BUSINESS_RULE_TASK,
    "scriptTask": Kind.SCRIPT_TASK,
    "sendTask": Kind.SEND_TASK,
    "complexGateway": Kind.UNSUPPORTED,
    "transaction": Kind.UNSUPPORTED,
    "adHocSubProcess": Kind.UNSUPPORTED,
    "callChoreography": Kind.UNSUPPORTED,
    "choreographyTask": Kind.UNSUPPORTED,
    "subChoreography": Kind.UNSUPPORTED,
    "implicitThrowEvent": Kind.UNSUPPORTED,
    "event": Kind.UNSUPPORTED,
}

EVENTS: Final = {
    "messageEventDefinition": EventKind.MESSAGE,
    "timerEventDefinition": EventKind.TIMER,
    "errorEventDefinition": EventKind.ERROR,
    "signalEventDefinition": EventKind.SIGNAL,
    "linkEventDefinition": EventKind.LINK,
    "escalationEventDefinition": EventKind.ESCALATION,
    "terminateEventDefinition": EventKind.TERMINATE,
    "conditionalEventDefinition": EventKind.UNSUPPORTED,
    "compensateEventDefinition": EventKind.UNSUPPORTED,
    "cancelEventDefinition": EventKind.UNSUPPORTED,
}

CONTAINERS: Final = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
ARTIFACTS: Final = frozenset({
    "participant", "lane", "textAnnotation", "association", "group", "messageFlow",
    "dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput",
    "dataInputAssociation", "dataOutputAssociation",
})  # fmt: skip
