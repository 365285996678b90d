"""What the broker says about each rule that is broken, word for word (recorded)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from workflow_devkit.engine.deploy_rules.refusal import Refusal, RefusedElement

_COVERAGE = "https://docs.camunda.io/docs/components/modeler/bpmn/bpmn-coverage/"
_ONE_EXTENSION = "Must have exactly one 'zeebe:{extension}' extension element"
_ATTRIBUTE = "Attribute '{attribute}' must be present and not empty"
_ONE_EVENT = "Must have exactly one event definition"
_ONE_START = "Must have exactly one start event"
_CATCH_TIME = "Intermediate timer catch event must have either a time duration or a time date."
_NAME = "Name must be present and not empty"
_EVENT_SUB_PROCESS = (
    "Start events in event subprocesses must be one of: message, timer, error, signal or escalation"
)

SENTENCES: Final[Mapping[str, str]] = {
    "no-executable-process": "Must contain at least one executable process",
    "element-not-supported": (
        "Elements of type '{type}' are currently not supported. Please refer to the documentation "
        f"for a list of supported elements: {_COVERAGE}"
    ),
    "not-run": "Not run by the embedded engine: {what}",
    # How processes and sub-processes begin.
    "no-start-event": "Must have at least one start event",
    "several-none-start-events": "Multiple none start events are not allowed",
    "sub-process-without-start": _ONE_START,
    "several-sub-process-starts": _ONE_START,
    "sub-process-start-not-none": "Start events in subprocesses must be of type none",
    "event-sub-process-start-none": _EVENT_SUB_PROCESS,
    "event-sub-process-start-kind": _EVENT_SUB_PROCESS,
    # Flows and gateways.
    "condition-elsewhere": (
        "Conditional sequence flows are only supported at exclusive or inclusive gateway"
    ),
    "exclusive-flow-without-condition": "Must have a condition or be default flow",
    "inclusive-flow-without-condition": "Must have a condition",
    "default-flow-of-another": "Default flow must start at gateway",
    "inclusive-join": "Currently the inclusive gateway can only have one incoming sequence flow",
    "event-gateway-flows": "Event-based gateway must have at least 2 outgoing sequence flows.",
    "event-gateway-target": (
        "Event-based gateway must not have an outgoing sequence flow to other elements than "
        "message/timer/signal intermediate catch events."
    ),
    "event-gateway-target-shared": (
        "Target elements of an event gateway must not have any additional incoming sequence flows "
        "other than that from the event gateway."
    ),
    # Events.
    "event-not-supported": "Event definition of this type is not supported",
    "start-with-several-events": "Start event can't have more than one type",
    "no-event": _ONE_EVENT,
    "not-one-event": _ONE_EVENT,
    "several-events": "Must have at most one event definition",
    "boundary-not-attached": "Must be attached to an activity",
    "boundary-incoming": "Cannot have incoming sequence flows",
    "boundary-leads-nowhere": "Must have at least one outgoing sequence flow or association",
    "boundary-kind": "Boundary events must be one of: timer, message, error, signal, escalation",
    "escalation-of-task": (
        "An escalation boundary event should only be attached to a subprocess, or a call activity."
    ),
    "must-interrupt": "Non-Interrupting event of this type is not allowed",
    "end-leads-on": "End events must not have outgoing sequence flows to other elements.",
    "end-kind": (
        "End events must be one of: none, error, message, terminate, signal, escalation or "
        "compensation"
    ),
    "catch-kind": "Event definition must be one of: message, timer, signal, or link",
    # What events refer to.
    "no-message": "Must reference a message",
    "message-also-at-boundary": "Cannot reference the same message name as a boundary event",
    "message-of-several-starts": "A message cannot be referred by more than one start event",
    "message-without-name": _NAME,
    "message-without-subscription": "Must have exactly one zeebe:subscription extension element",
    "message-without-key": _ATTRIBUTE,
    "no-signal": "Must reference a signal",
    "signal-without-name": _NAME,
    "link-without-name": "Link name must be present and not empty.",
    "link-not-caught": (
        "Can't find an catch link event for the throw link event with the name '{name}'."
    ),
    "no-error": "Must reference an error",
    "error-without-code": "ErrorCode must be present and not empty",
    "error-code-computed": (
        "The errorCode of the error catch event is not allowed to be an expression"
    ),
    "no-escalation": "Must reference an escalation",
    "escalation-without-code": "EscalationCode must be present and not empty",
    "escalation-code-computed": (
        "The escalationCode of the escalation catch event is not allowed to be an expression"
    ),
    # Events that nobody could tell apart.
    "same-link": (
        "Multiple intermediate catch link event definitions with the same name '{name}' are not "
        "allowed."
    ),
    "same-name": "Multiple {kind} event definitions with the same name '{name}' are not allowed.",
    "same-catch-all": (
        "The same scope can not contain more than one {kind} catch event without {kind} code. "
        "An {kind} catch event without {kind} code catches all {kind}s."
    ),
    "same-code": (
        "Multiple {kind} catch events with the same {kind} code '{code}' are not supported on the "
        "same scope."
    ),
    # Tasks and their extensions.
    "no-task-definition": _ONE_EXTENSION,
    "no-called-element": _ONE_EXTENSION,
    "no-loop-characteristics": _ONE_EXTENSION,
    "not-one-implementation": (
        "Must have either one 'zeebe:{extension}' or one 'zeebe:taskDefinition' extension element"
    ),
    "no-task-type": _ATTRIBUTE,
    "no-called-process": _ATTRIBUTE,
    "script-incomplete": _ATTRIBUTE,
    "decision-incomplete": _ATTRIBUTE,
    "loop-without-collection": _ATTRIBUTE,
    "loop-output-incomplete": (
        "Attribute '{attribute}' must be present if the attribute '{other}' is set"
    ),
    "not-one-form": "Exactly one of the attributes 'formId, formKey' must be present and not blank",
    "header-reserved": (
        "Attribute 'key' contains '{key}', but header keys starting with '{prefix}' are reserved "
        "for internal use."
    ),
    "header-repeated": "Headers contain duplicate entries for key '{key}'",
    "no-list": (
        "Expected static value to be a list of comma-separated values, e.g. 'a,b,c', but found "
        "'{text}'."
    ),
    "no-date": (
        "Expected static value to be a valid DateTime String, e.g. '2023-03-02T15:35+02:00', but "
        "found '{text}'."
    ),
    # Expressions and names of variables.
    "no-expression": "Expected expression but not found.",
    "no-source": "Expected expression but not found.",
    "empty-condition": "Expected expression but not found.",
    "expression-static": (
        "Expected expression but found static value '{text}'. An expression must start with '=' "
        "(e.g. '={text}')."
    ),
    "expression-unreadable": "failed to parse expression '{text}': {error}",
    "no-target": "Expected path expression but not found.",
    "target-no-path": (
        "Expected path expression '{target}' but doesn't match the pattern '{pattern}'."
    ),
    "target-reserved": (
        "Expected path expression '{target}' but is one of the reserved words ({reserved})."
    ),
    "start-name-fails": (
        "Expected constant expression but found '{name}', which could not be evaluated without "
        "context: {reason}"
    ),
    "start-name-no-text": (
        "Expected constant expression of type String for {kind} name '{name}', but was {type}"
    ),
    # Timers.
    "not-one-time": "Must be exactly one type of timer: timeDuration, timeDate or timeCycle",
    "catch-cycle": _CATCH_TIME,
    "catch-without-time": _CATCH_TIME,
    "interrupting-cycle": "Interrupting timer event with time cycle is not allowed.",
    "timer-unreadable": "Invalid timer {word} expression ({reason})",
    # Whole processes.
    "straight-loop": (
        "Processes are not allowed to contain a straight-through processing loop: {way}"
    ),
}
"""The broker's sentence for each rule; facts of the refusal stand in braces."""


def sentence(refusal: Refusal) -> str:
    """The broker's words about one refusal."""
    return SENTENCES[refusal.rule].format_map(refusal.facts)


def of_elements(found: Iterable[RefusedElement]) -> str:
    """What the broker says about the elements of a file; empty when it takes it."""
    # Of two sets of rules the broker tells one, and prefers that of the run time.
    return "".join(
        f"- Element: {element.identifier}\n{_lines(element.run_time or element.design)}"
        for element in found
    )


def _lines(refusals: Sequence[Refusal]) -> str:
    return "".join(f"    - ERROR: {sentence(refusal)}\n" for refusal in refusals)


def of_loops(found: Iterable[Refusal], resource: str) -> str:
    """What the broker says about loops that wait for nothing: one of each process."""
    return "".join(
        f"`{resource}`: - Process: {refusal.facts['process']}\n{_lines([refusal])}"
        for refusal in found
    )
