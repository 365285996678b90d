"""What lint says about each deploy rule that is broken: its rule, its sentence, the remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from workflow_devkit.engine.deploy_rules import Refusal
from workflow_devkit.lint import words

Text = str | Callable[[Refusal], str]


class Advice(NamedTuple):
    """``rule`` is the rule of lint; in texts the refusal's facts stand in braces."""

    rule: str
    message: Text
    remedy: Text


_IN_MODELER = "choose or create one in the properties panel of the modeler"
_VARIABLE = "use letters, digits and _, with dots between the parts, such as order.total"
_CONDITION = "give it a condition such as =total > 100, or make it the default flow"
_UNCONDITIONAL = "leaves the gateway {source} without a condition"
_ONE_OF_THEM = "keep one of them"
_SEVERAL_EVENTS = Advice(
    "single-event-definition", "has {count} event definitions; one is possible",
    "draw an event for each",
)  # fmt: skip
_NOT_RUN = Advice("element-type", words.not_run, words.instead)
_TASK_TYPE = "give the task a type in the properties panel of the modeler"

ADVICE: Final[Mapping[str, Advice]] = {
    "no-executable-process": Advice(
        "executable-process", words.not_executable,
        "mark the process as executable in the properties panel"),
    "element-not-supported": _NOT_RUN,
    # How processes and sub-processes begin.
    "no-start-event": Advice(
        "start-event-required", "has no start event: the process could never begin",
        "add a start event"),
    "sub-process-without-start": Advice(
        "start-event-required", "has no start event: the sub-process could never begin",
        "add a start event"),
    "several-none-start-events": Advice(
        "no-multiple-none-start-events",
        "is one of {count} none start events of its process; Zeebe takes one",
        "keep one, and start the others by messages"),
    "several-sub-process-starts": Advice(
        "sub-process-start", "has {count} start events; a sub-process has exactly one",
        "keep one"),
    "sub-process-start-not-none": Advice(
        "sub-process-start", "starts a sub-process, but waits for an event",
        "make it a none start event, or the sub-process an event sub-process"),
    "event-sub-process-start-none": Advice(
        "sub-process-start", "starts an event sub-process, but waits for nothing",
        "make it a message, timer, error, signal or escalation start event"),
    "event-sub-process-start-kind": _NOT_RUN,
    # Flows and gateways.
    "condition-elsewhere": Advice(
        "sequence-flow-condition",
        "has a condition, but leaves {source}, which is no exclusive or inclusive gateway",
        "put such a gateway before it, or remove the condition"),
    "exclusive-flow-without-condition": Advice(
        "sequence-flow-condition", _UNCONDITIONAL, _CONDITION),
    "inclusive-flow-without-condition": Advice(
        "sequence-flow-condition", _UNCONDITIONAL, _CONDITION),
    "empty-condition": Advice("sequence-flow-condition", "has an empty condition", _CONDITION),
    "default-flow-of-another": Advice(
        "own-default-flow", "has the default flow {flow}, which leaves {source}",
        "choose one of the gateway's own flows"),
    "inclusive-join": Advice(
        "inclusive-gateway", "joins flows, which Zeebe does not do with an inclusive gateway",
        "join with an exclusive or parallel gateway"),
    "event-gateway-flows": Advice(
        "event-based-gateway", "needs at least 2 events to wait for, has {count}",
        "add events, a timer perhaps, or wait without a gateway"),
    "event-gateway-target": Advice(
        "event-based-gateway-target",
        "stands behind the event-based gateway {gateway}, where only message, timer and signal "
        "catch events may be",
        "draw a catch event there"),
    "event-gateway-target-shared": Advice(
        "event-based-gateway-target",
        "is reached from elsewhere than from the event-based gateway {gateway}",
        "give it no other incoming flows"),
    # Events.
    "event-not-supported": _NOT_RUN,
    "boundary-kind": _NOT_RUN,
    "catch-kind": _NOT_RUN,
    "end-kind": _NOT_RUN,
    "start-with-several-events": _SEVERAL_EVENTS,
    "several-events": _SEVERAL_EVENTS,
    "no-event": _NOT_RUN,
    "not-one-event": _SEVERAL_EVENTS,
    "boundary-not-attached": Advice(
        "boundary-event", "is attached to no activity", "attach it to a task or a sub-process"),
    "boundary-incoming": Advice(
        "boundary-event", "has incoming flows, which a boundary event cannot have",
        "lead them to an element of their own"),
    "boundary-leads-nowhere": Advice(
        "boundary-event", "leads nowhere", "draw a flow that leaves it"),
    "escalation-of-task": Advice(
        "escalation-boundary-event-attached-to-ref",
        "waits for an escalation of the task {host}; tasks raise none",
        "attach it to a sub-process or call activity"),
    "must-interrupt": Advice(
        "error-interrupts", "catches an error without interrupting, which cannot be",
        "make it interrupting"),
    "end-leads-on": Advice(
        "end-event", "is an end event, but flows leave it",
        "make it an intermediate event, or remove them"),
    # What events refer to.
    "no-message": Advice(
        "message-reference", "waits for a message, but names none", _IN_MODELER),
    "message-without-name": Advice(
        "message-reference", "is about the message {ref!r}, which has no name",
        "give it a name, such as orderProcess_paid; events are published by it"),
    "message-without-subscription": Advice(
        "subscription",
        "waits for the message {name}, which has no correlation key: no event could find its "
        "process instance",
        "give it a correlation key, such as =orderId"),
    "message-without-key": Advice(
        "subscription",
        "waits for the message {name}, whose correlation key is empty: no event could find its "
        "process instance",
        "give it a correlation key, such as =orderId"),
    "message-also-at-boundary": Advice(
        "duplicate-catch",
        "waits for the message {name!r}, as a boundary event of it does",
        "give one of them another message"),
    "message-of-several-starts": Advice(
        "duplicate-catch", "is started by the message {name!r}, as {first} is", _ONE_OF_THEM),
    "no-signal": Advice("signal-reference", "is a signal event without a signal", _IN_MODELER),
    "signal-without-name": Advice(
        "signal-reference", "is about the signal {ref!r}, which has no name",
        "give the signal a name"),
    "no-error": Advice("error-reference", "is an error event without an error", _IN_MODELER),
    "error-without-code": Advice(
        "error-reference", "is about the error {ref!r}, which has no code",
        "give the error a code"),
    "error-code-computed": Advice(
        "error-reference", "catches an error whose code is an expression",
        "write the code itself; only thrown ones may be computed"),
    "no-escalation": Advice(
        "escalation-reference", "is an escalation event without an escalation", _IN_MODELER),
    "escalation-without-code": Advice(
        "escalation-reference", "is about the escalation {ref!r}, which has no code",
        "give the escalation a code"),
    "escalation-code-computed": Advice(
        "escalation-reference", "catches an escalation whose code is an expression",
        "write the code itself; only thrown ones may be computed"),
    "link-without-name": Advice(
        "link-event", "is a link event without the name of a link", "name the link"),
    "link-not-caught": Advice(
        "link-event", "jumps to the link {name!r}, which nothing in its scope catches",
        "add a link catch event of this name, or mend the name"),
    "same-link": Advice(
        "link-event", "catches the link {name!r}, as {first} does",
        "give each link catch event a name of its own"),
    "same-name": Advice("duplicate-catch", words.caught_twice, _ONE_OF_THEM),
    "same-catch-all": Advice("duplicate-catch", words.caught_twice, _ONE_OF_THEM),
    "same-code": Advice("duplicate-catch", words.caught_twice, _ONE_OF_THEM),
    # Tasks and their extensions.
    "no-task-definition": Advice("implementation", words.not_one_implementation, _TASK_TYPE),
    "not-one-implementation": Advice("implementation", words.not_one_implementation, _TASK_TYPE),
    "no-task-type": Advice(
        "implementation", "has a zeebe:taskDefinition without type",
        "give it a task type, such as orderProcess_sendEmail; handlers subscribe by it"),
    "script-incomplete": Advice(
        "implementation", "has a zeebe:script without {attribute}", "fill in {attribute}"),
    "decision-incomplete": Advice(
        "implementation", "has a zeebe:calledDecision without {attribute}",
        "fill in {attribute}"),
    "no-called-element": Advice(
        "called-element", "calls no process", "fill in the process id of what it calls"),
    "no-called-process": Advice(
        "called-element", "calls no process", "fill in the process id of what it calls"),
    "no-loop-characteristics": Advice(
        "loop-characteristics", "repeats, but has no inputCollection",
        "fill in the list that it repeats for, such as =items"),
    "loop-without-collection": Advice(
        "loop-characteristics", "repeats, but has no inputCollection",
        "fill in the list that it repeats for, such as =items"),
    "loop-output-incomplete": Advice(
        "loop-characteristics", "collects results, but has no {attribute}",
        "fill in outputCollection and outputElement, or neither"),
    "not-one-form": Advice(
        "form", "has a form that is named neither by its id nor by its key, or by both",
        "fill in formId or formKey"),
    "header-reserved": Advice(
        "duplicate-task-headers", "has the task header {key!r}, which is the engine's own",
        "choose a key that does not begin with {prefix}"),
    "header-repeated": Advice(
        "duplicate-task-headers", "has the task header {key!r} more than once", _ONE_OF_THEM),
    "no-list": Advice(
        "candidates", "has {attribute} {text!r}, which is no list",
        "separate names by commas, as in sales,support, or write an expression"),
    "no-date": Advice(
        "task-schedule", "has {attribute} {text!r}, which is no date and time",
        f"expected {words.EXAMPLES['timeDate']}"),
    # Expressions and names of variables.
    "no-source": Advice(
        "io-mapping", "has {where} to {target} without source",
        "fill in source, or remove the mapping"),
    "no-target": Advice(
        "io-mapping", "has {where} from {source} without target",
        "fill in target, or remove the mapping"),
    "target-no-path": Advice(
        "variable-name", "has {where} to {target!r}, which is no name of a variable", _VARIABLE),
    "target-reserved": Advice(
        "variable-name", "has {where} to {target!r}, which is a word of FEEL", _VARIABLE),
    "expression-static": Advice(
        "static-expression", "has {where} that is no expression: {text!r}",
        words.as_expression),
    "expression-unreadable": Advice(
        "feel",
        "has {where} that is no FEEL expression: '={text}', line {error.line}, column {column}: "
        "{error.message}",
        "mend the expression"),
    "start-name-fails": Advice(
        "start-name",
        "is started by the name {name!r}, which fails: no variables exist before a process "
        "instance does",
        "write the name itself"),
    "start-name-no-text": Advice(
        "start-name",
        "is started by the name {name!r}, which gives no text: no variables exist before a "
        "process instance does",
        "write the name itself"),
    # Timers.
    "not-one-time": Advice("timer", "needs exactly one time", words.expected_times),
    "catch-cycle": Advice(
        "timer", "has a timeCycle, which an {tag} may not have", words.expected_times),
    "interrupting-cycle": Advice(
        "timer", "has a timeCycle, which an interrupting {tag} may not have",
        words.expected_times),
    "timer-unreadable": Advice("timer", words.wrong_time, words.expected_time),
    # Whole processes.
    "straight-loop": Advice(
        "no-loop", "is part of a loop that never waits for anything",
        "wait inside the loop: for a timer, an event or a service task"),
}  # fmt: skip
"""What lint says about a refusal, by the name of the deploy rule that is broken."""

SILENT: Final = frozenset({"not-run", "no-expression", "catch-without-time"})
"""Deploy rules that lint leaves out: that of the embedded engine alone, and what another says."""
REFUSED: Final = frozenset(advice.rule for advice in ADVICE.values()) | {"unreadable", "schema"}
"""The rules of lint that hold what a deployment refuses."""
