"""Expressions, static values and paths of a file (``ZeebeRuntimeValidators``)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from workflow_devkit.engine.deploy_rules.refusal import Breach
from workflow_devkit.engine.deploy_rules.tree import (
    Model,
    attribute,
    child_text,
    definitions,
    is_a,
    parent,
)
from workflow_devkit.engine.expressions import Expression, zeebe_type
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.timers import read_timer
from workflow_devkit.feel import (
    FeelSyntaxError,
    compile_expression,
)
from workflow_devkit.timer_texts.cron import CronError, following_by_cron
from workflow_devkit.timer_texts.timers import parse_moment, parse_repetition
from workflow_runtime.bpmn import namespaces
from workflow_runtime.bpmn.model import TimerKind
from workflow_runtime.bpmn.xml import children, local_name, text_of

PATH: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*")
"""A variable, or a way into one."""
# The broker's own list, which is shorter than FEEL's: its sentence names all of them.
_RESERVED = (
    "null", "true", "false", "function", "if", "then", "else", "for", "between", "instance", "of",
)  # fmt: skip
# What the broker itself adds to a job (semantics#job-headers).
_HEADER = "io.camunda.zeebe:"
_TIMERS = (
    (TimerKind.DURATION, "duration"), (TimerKind.CYCLE, "cycle"), (TimerKind.DATE, "date"),
)  # fmt: skip


def is_static(text: str) -> bool:
    """Whether a text is a value as it stands, not FEEL."""
    return not text.startswith("=") or text == "="


def expression(text: str | None, attribute: str, *, dynamic: bool = False) -> Iterator[Breach]:
    """What is wrong with a text that may be an expression, or with ``dynamic`` has to be one.

    ``attribute`` is where it stands, for the facts.
    """
    if text is None:
        return
    if not is_static(text):
        error = fault(text)
        if error is not None:
            facts = {"attribute": attribute, "text": text[1:], "error": error}
            yield Breach("expression-unreadable", facts)
    elif dynamic:
        yield Breach("expression-static", {"attribute": attribute, "text": text})


def fault(text: str) -> FeelSyntaxError | None:
    """What is wrong with an expression, its ``=`` in front; None where it can be read."""
    try:
        compile_expression(text[1:])
    except FeelSyntaxError as error:
        return error
    return None


def of_attribute(name: str, *, dynamic: bool = False) -> Any:
    """Rule: an attribute that must be there."""

    def rule(node: Any, _: Model) -> Iterator[Breach]:
        text = attribute(node, name)
        if text is None:
            yield Breach("no-expression", {"attribute": name})
        yield from expression(text, name, dynamic=dynamic)

    return rule


def source(*, dynamic: bool = False) -> Any:
    """Rule: the source of a mapping, whose target is a fact, for there may be several mappings."""

    def rule(node: Any, _: Model) -> Iterator[Breach]:
        text, target = attribute(node, "source"), attribute(node, "target") or "?"
        if text is None:
            yield Breach("no-source", {"target": target})
        for breach in expression(text, "source", dynamic=dynamic):
            yield Breach(breach.rule, {**breach.facts, "target": target})

    return rule


def of_optional(name: str, *, dynamic: bool = False) -> Any:
    """Rule: an attribute that may be there."""

    def rule(node: Any, _: Model) -> Iterator[Breach]:
        return expression(attribute(node, name), name, dynamic=dynamic)

    return rule


def path(node: Any, _: Model) -> Iterator[Breach]:
    """The target of a mapping is a variable or a way into one, and no reserved word."""
    target = attribute(node, "target")
    if target is None:
        yield Breach("no-target", {"source": attribute(node, "source") or "?"})
        return
    if not PATH.fullmatch(target):
        yield Breach("target-no-path", {"target": target, "pattern": PATH.pattern})
    if target in _RESERVED:
        yield Breach("target-reserved", {"target": target, "reserved": ", ".join(_RESERVED)})


def condition(node: Any, _: Model) -> Iterator[Breach]:
    """The condition of a flow is an expression (semantics#static-values)."""
    text = text_of(node)
    if text is None:
        yield Breach("empty-condition")
    yield from expression(text, "condition", dynamic=True)


def completion(node: Any, _: Model) -> Iterator[Breach]:
    """The completion condition of a multi-instance activity can be read, if it has one."""
    return expression(child_text(node, "completionCondition"), "completionCondition")


def timer(node: Any, _: Model) -> Iterator[Breach]:
    """The text of a timer can be read, if it is an expression."""
    for tag in ("timeDate", "timeDuration", "timeCycle"):
        yield from expression(child_text(node, tag), tag)


def catching_timer(node: Any, model: Model) -> Iterator[Breach]:
    """A timer that can be computed at deploy is right: a static one, or one that starts a process.

    See semantics#timer-wrong and semantics#timer-start.
    """
    starts = local_name(node) == "startEvent" and local_name(parent(node)) == "process"
    for found in (d for d in definitions(node) if is_a(d, "timer")):
        for kind, word in _TIMERS:
            text = child_text(found, kind.value)
            if text is None:
                continue
            if is_static(text) or (starts and fault(text) is None):
                reason = _wrong_timer(text, kind, model)
                if reason:
                    facts = {"form": kind.value, "word": word, "text": text, "reason": reason}
                    yield Breach("timer-unreadable", facts)
            # Several forms are `timer_definition`'s to refuse.
            break


def _wrong_timer(text: str, kind: TimerKind, model: Model) -> str:
    try:
        compiled = Expression(text, model.clock, literal=True)
        value = compiled.evaluate({})
        if kind is TimerKind.CYCLE and isinstance(value, str):
            return _wrong_cycle(value)
        read_timer(compiled, kind, {}, model.clock.now_ms())
    except Failure as failure:
        return failure.message
    return ""


def _wrong_cycle(text: str) -> str:
    try:
        if text.startswith("R"):
            parse_repetition(text)
        else:
            following_by_cron(text)
    except CronError:
        return _wrong_cron(text)
    except ValueError as error:
        return str(error)
    return ""


def _wrong_cron(text: str) -> str:
    count = len(text.split())
    if count != 6:  # noqa: PLR2004 - as the sentence says
        return f'Cron expression must consist of 6 fields (found {count} in "{text}")'
    return f"Invalid cron expression '{text}'"


def candidates(node: Any, _: Model) -> Iterator[Breach]:
    """``zeebe:assignmentDefinition``: static candidates are lists without gaps."""
    yield from expression(attribute(node, "assignee"), "assignee")
    for name in ("candidateGroups", "candidateUsers"):
        text = attribute(node, name)
        yield from expression(text, name)
        if text and is_static(text) and not all(part.strip() for part in _cells(text)):
            yield Breach("no-list", {"attribute": name, "text": text})


def _cells(text: str) -> list[str]:
    return next(csv.reader([text]), [])


def dates(node: Any, _: Model) -> Iterator[Breach]:
    """``zeebe:taskSchedule``: static dates are dates."""
    for name in ("dueDate", "followUpDate"):
        text = attribute(node, name)
        yield from expression(text, name)
        if text and is_static(text) and not _is_moment(text):
            yield Breach("no-date", {"attribute": name, "text": text})


def _is_moment(text: str) -> bool:
    try:
        parse_moment(text)
    except ValueError:
        return False
    return True


def headers(node: Any, _: Model) -> Iterator[Breach]:
    """``zeebe:taskHeaders``: no reserved keys, none twice."""
    keys = [
        header.get("key") for tag, header in children(node, namespaces.ZEEBE) if tag == "header"
    ]
    for key in (k for k in keys if k and k.startswith(_HEADER)):
        yield Breach("header-reserved", {"key": key, "prefix": _HEADER})
    for key, count in Counter(keys).items():
        if key and count > 1:
            yield Breach("header-repeated", {"key": key})


def start_names(kind: str) -> Any:
    """Rule: what starts a process has a constant name (semantics#message-start)."""

    def rule(node: Any, model: Model) -> Iterator[Breach]:
        if local_name(parent(node)) != "process":
            return
        for found in (d for d in definitions(node) if is_a(d, kind)):
            referred = model.referred(found, f"{kind}Ref")
            name = None if referred is None else attribute(referred, "name")
            if name is not None and (is_static(name) or fault(name) is None):
                yield from _not_constant(kind, name, model)

    return rule


def _not_constant(kind: str, name: str, model: Model) -> Iterator[Breach]:
    try:
        value = Expression(name, model.clock).evaluate({})
    except Failure as failure:
        yield Breach("start-name-fails", {"name": name, "reason": failure.message})
        return
    if not isinstance(value, str):
        facts = {"kind": kind, "name": name, "type": zeebe_type(value)}
        yield Breach("start-name-no-text", facts)
