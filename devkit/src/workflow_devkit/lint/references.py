"""Events and what they wait for: messages, signals, errors, escalations, links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from workflow_devkit.feel import FeelSyntaxError, evaluate
from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventDefinition, EventKind, Kind, Message

_CATCHES: Final = frozenset({Kind.START_EVENT, Kind.INTERMEDIATE_CATCH_EVENT, Kind.BOUNDARY_EVENT})
_THROWS: Final = frozenset({Kind.INTERMEDIATE_THROW_EVENT, Kind.END_EVENT})
_IN_MODELER = "choose or create one in the properties panel of the modeler"


def catching_messages(context: LintContext) -> Iterator[tuple[Element, Message | None]]:
    """All that wait for a message, with the message; None where it is missing."""
    for element in context.elements:
        waits = element.kind in _CATCHES and element.event_kind() is EventKind.MESSAGE
        if waits or element.kind is Kind.RECEIVE_TASK:
            yield element, element.message


def starts_process(element: Element) -> bool:
    """Whether it starts the process itself: its message needs no correlation key."""
    parent = element.parent
    return element.kind is Kind.START_EVENT and parent is not None and parent.kind is Kind.PROCESS


def _messages(context: LintContext) -> Iterator[Problem]:
    for element, message in catching_messages(context):
        if message is None:
            yield about(element, "waits for a message, but names none", _IN_MODELER)
        elif not (message.name or "").strip():
            yield about(
                element,
                f"waits for the message {message.id!r}, which has no name",
                "give it a name, such as orderProcess_paid; events are published by it",
            )


def _subscriptions(context: LintContext) -> Iterator[Problem]:
    for element, message in catching_messages(context):
        if message is None or starts_process(element):
            continue
        if not (message.correlation_key or "").strip():
            yield about(
                element,
                f"waits for the message {message.name or message.id!r}, which has "
                "no correlation key: no event could find its process instance",
                "give it a correlation key, such as =orderId",
            )


def _start_names(context: LintContext) -> Iterator[Problem]:
    for element in context.of(Kind.START_EVENT):
        event = element.event
        name = element.message.name if element.message else event.name if event else None
        if name and name.startswith("=") and starts_process(element):
            yield from _constant(element, name)


def _constant(element: Element, name: str) -> Iterator[Problem]:
    try:
        value = evaluate(name[1:], {}).value
    except FeelSyntaxError:
        return
    if not isinstance(value, str):
        yield about(
            element,
            f"is started by the name {name!r}, which gives no text: no variables exist before a "
            "process instance does",
            "write the name itself",
        )


def _events(context: LintContext, kind: EventKind) -> Iterator[tuple[Element, EventDefinition]]:
    for element in context.elements:
        if element.event is not None and element.event.kind is kind:
            yield element, element.event


def _signals(context: LintContext) -> Iterator[Problem]:
    for element, event in _events(context, EventKind.SIGNAL):
        if not event.ref:
            yield about(element, "is a signal event without a signal", _IN_MODELER)
        elif not (event.name or "").strip():
            yield about(
                element,
                f"is about the signal {event.ref!r}, which has no name",
                "give the signal a name",
            )


def _errors(context: LintContext) -> Iterator[Problem]:
    yield from _coded(context, EventKind.ERROR, "error", may_catch_all=_CATCHES)


def _escalations(context: LintContext) -> Iterator[Problem]:
    yield from _coded(
        context, EventKind.ESCALATION, "escalation", may_catch_all=_CATCHES - {Kind.START_EVENT}
    )


def _coded(
    context: LintContext, kind: EventKind, word: str, *, may_catch_all: frozenset[Kind]
) -> Iterator[Problem]:
    for element, event in _events(context, kind):
        if not event.ref:
            if element.kind not in may_catch_all:
                yield about(element, f"is an {word} event without an {word}", _IN_MODELER)
        elif not event.code:
            yield about(
                element,
                f"is about the {word} {event.ref!r}, which has no code",
                f"give the {word} a code",
                tolerated=element.kind in _CATCHES,
            )
        elif event.code.startswith("=") and element.kind in _CATCHES:
            yield about(
                element,
                f"catches an {word} whose code is an expression",
                "write the code itself; only thrown ones may be computed",
            )


def _links(context: LintContext) -> Iterator[Problem]:
    for element, event in _events(context, EventKind.LINK):
        if not (event.name or "").strip():
            yield about(element, "is a link event without the name of a link", "name the link")
    for scope in context.scopes:
        yield from _pairs(list(scope.children.values()))


def _pairs(children: list[Element]) -> Iterator[Problem]:
    links = [
        (each, each.event.name)
        for each in children
        if each.event and each.event.kind is EventKind.LINK and each.event.name
    ]
    caught = Counter(name for each, name in links if each.kind is Kind.INTERMEDIATE_CATCH_EVENT)
    thrown = {name for each, name in links if each.kind in _THROWS}
    for element, name in links:
        if element.kind in _THROWS and not caught[name]:
            yield about(
                element,
                f"jumps to the link {name!r}, which nothing in its scope catches",
                "add a link catch event of this name, or mend the name",
            )
        elif element.kind is Kind.INTERMEDIATE_CATCH_EVENT and caught[name] > 1:
            yield about(
                element,
                f"catches the link {name!r}, as another event of its scope does",
                "give each link catch event a name of its own",
            )
        elif element.kind is Kind.INTERMEDIATE_CATCH_EVENT and name not in thrown:
            yield about(
                element,
                f"catches the link {name!r}, to which nothing in its scope jumps",
                "add a link throw event of this name, or remove it",
                tolerated=True,
            )


def _duplicates(context: LintContext) -> Iterator[Problem]:
    groups = [list(group) for group in context.boundaries.values()]
    groups += [_event_sub_process_starts(scope) for scope in context.scopes]
    groups += [_process_starts(process) for process in context.processes]
    groups += [_behind(context, gateway) for gateway in context.of(Kind.EVENT_BASED_GATEWAY)]
    for group in groups:
        yield from _same(group)


def _event_sub_process_starts(scope: Element) -> list[Element]:
    return [
        start
        for sub in scope.children.values()
        if sub.kind is Kind.EVENT_SUB_PROCESS
        for start in sub.children.values()
        if start.kind is Kind.START_EVENT
    ]


def _process_starts(process: Element) -> list[Element]:
    kinds = (EventKind.MESSAGE, EventKind.SIGNAL)
    starts = (child for child in process.children.values() if child.kind is Kind.START_EVENT)
    return [start for start in starts if start.event_kind() in kinds]


def _behind(context: LintContext, gateway: Element) -> list[Element]:
    targets = (context.by_id.get(f.target) for f in context.written(gateway.written_outgoing))
    return [each for each in targets if each and each.kind is Kind.INTERMEDIATE_CATCH_EVENT]


def _same(group: list[Element]) -> Iterator[Problem]:
    seen: dict[tuple[EventKind, str], Element] = {}
    for element in group:
        key = _key(element)
        if key is None:
            continue
        first = seen.setdefault(key, element)
        if first is not element:
            what = f"{key[0].value.lower()} {key[1]!r}" if key[1] else f"every {key[0].lower()}"
            yield about(
                element, f"catches {what}, as {first.id} does in the same place", "keep one of them"
            )


def _key(element: Element) -> tuple[EventKind, str] | None:
    event = element.event
    if event is None:
        return None
    if event.kind is EventKind.MESSAGE:
        name = element.message.name if element.message else None
        return (event.kind, name) if name else None
    if event.kind is EventKind.SIGNAL:
        return (event.kind, event.name) if event.name else None
    if event.kind in {EventKind.ERROR, EventKind.ESCALATION}:
        return event.kind, event.code or ""
    return None


E = Severity.ERROR
RULES: Final = (
    Rule("message-reference", E, "What waits for a message names one that has a name.",
         _messages, refused=True),
    Rule("subscription", E, "Messages that are waited for have a correlation key.",
         _subscriptions, refused=True),
    Rule("signal-reference", E, "Signal events name a signal that has a name.", _signals,
         refused=True),
    Rule("error-reference", E, "Error events name an error that has a code.", _errors,
         refused=True),
    Rule("escalation-reference", E, "Escalation events name an escalation that has a code.",
         _escalations, refused=True),
    Rule("link-event", E, "Links are thrown and caught by name, once in a scope.", _links,
         refused=True),
    Rule("start-name", E, "What starts a process has a name that needs no variables.",
         _start_names, refused=True),
    Rule("duplicate-catch", E, "The same event is caught once in one place.", _duplicates,
         refused=True),
)  # fmt: skip
