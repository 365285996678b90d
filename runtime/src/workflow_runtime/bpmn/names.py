"""Tags of BPMN files, and what they are."""

from __future__ import annotations

from typing import Final

from workflow_runtime.bpmn.model import EventKind, Kind

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
