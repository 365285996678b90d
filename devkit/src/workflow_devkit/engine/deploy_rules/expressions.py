"""Expressions, static values and paths of a file (``ZeebeRuntimeValidators``)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from workflow_devkit.engine.deploy_rules.tree import (
    Model,
    attribute,
    child_text,
    definitions,
    is_a,
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
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.model import TimerKind
from workflow_runtime.bpmn.xml import children, local_name, text_of

_PATH = r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*"
_RESERVED = (
    "null", "true", "false", "function", "if", "then", "else", "for", "between", "instance", "of",
)  # fmt: skip
_HEADER = "io.camunda.zeebe:"
_TIMERS = (
    (TimerKind.DURATION, "duration"), (TimerKind.CYCLE, "cycle"), (TimerKind.DATE, "date"),
)  # fmt: skip


def is_static(text: str) -> bool:
    """Whether a text is a value as it stands, not FEEL."""
    return not text.startswith("=") or text == "="


def expression(
    text: str | None, *, mandatory: bool = False, dynamic: bool = False
) -> Iterator[str]:
    """What is wrong with a text that may be an expression, or with ``dynamic`` has to be one."""
    if text is None:
        if mandatory:
            yield "Expected expression but not found."
    elif not is_static(text):
        yield from _unreadable(text[1:])
    elif dynamic:
        yield (
            f"Expected expression but found static value '{text}'. An expression must start with "
            f"'=' (e.g. '={text}')."
        )


def _unreadable(text: str) -> Iterator[str]:
    try:
        compile_expression(text)
    except FeelSyntaxError as error:
        yield f"failed to parse expression '{text}': {error}"


def of_attribute(name: str, *, dynamic: bool = False, usual: str | None = None) -> Any:
    """Rule: an attribute that must be there."""

    def rule(node: Any, _: Model) -> Iterator[str]:
        return expression(attribute(node, name) or usual, mandatory=True, dynamic=dynamic)

    return rule


def of_optional(name: str, *, dynamic: bool = False) -> Any:
    """Rule: an attribute that may be there."""

    def rule(node: Any, _: Model) -> Iterator[str]:
        return expression(attribute(node, name), dynamic=dynamic)

    return rule


def path(node: Any, _: Model) -> Iterator[str]:
    """The target of a mapping."""
    target = attribute(node, "target")
    if target is None:
        yield "Expected path expression but not found."
        return
    if not re.fullmatch(_PATH, target):
        yield f"Expected path expression '{target}' but doesn't match the pattern '{_PATH}'."
    if target in _RESERVED:
        reserved = ", ".join(_RESERVED)
        yield f"Expected path expression '{target}' but is one of the reserved words ({reserved})."


def condition(node: Any, _: Model) -> Iterator[str]:
    """The condition of a flow."""
    return expression(text_of(node), mandatory=True, dynamic=True)


def completion(node: Any, _: Model) -> Iterator[str]:
    """The completion condition of a multi-instance activity."""
    return expression(child_text(node, "completionCondition"))


def timer(node: Any, _: Model) -> Iterator[str]:
    """The text of a timer."""
    for tag in ("timeDate", "timeDuration", "timeCycle"):
        yield from expression(child_text(node, tag))


def catching_timer(node: Any, model: Model) -> Iterator[str]:
    """A timer whose moment is known at deploy: static, or of a process's start event."""
    starts = local_name(node) == "startEvent" and local_name(node.getparent()) == "process"
    for found in (d for d in definitions(node) if is_a(d, "timer")):
        for kind, word in _TIMERS:
            text = child_text(found, kind.value)
            if text is None:
                continue
            if is_static(text) or (starts and not list(expression(text))):
                yield from _wrong_timer(text, kind, word, model)
            break


def _wrong_timer(text: str, kind: TimerKind, word: str, model: Model) -> Iterator[str]:
    try:
        compiled = Expression(text, model.clock, literal=True)
        value = compiled.evaluate({})
        if kind is TimerKind.CYCLE and isinstance(value, str):
            reason = _wrong_cycle(value)
            if reason:
                yield f"Invalid timer cycle expression ({reason})"
            return
        read_timer(compiled, kind, {}, model.clock.now_ms())
    except Failure as failure:
        yield f"Invalid timer {word} expression ({failure.message})"


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


def candidates(node: Any, _: Model) -> Iterator[str]:
    """``zeebe:assignmentDefinition``."""
    yield from expression(attribute(node, "assignee"))
    for name in ("candidateGroups", "candidateUsers"):
        text = attribute(node, name)
        yield from expression(text)
        if text and is_static(text) and not all(part.strip() for part in _cells(text)):
            yield (
                "Expected static value to be a list of comma-separated values, e.g. 'a,b,c', but "
                f"found '{text}'."
            )


def _cells(text: str) -> list[str]:
    return next(csv.reader([text]), [])


def dates(node: Any, _: Model) -> Iterator[str]:
    """``zeebe:taskSchedule``."""
    for name in ("dueDate", "followUpDate"):
        text = attribute(node, name)
        yield from expression(text)
        if text and is_static(text) and not _is_moment(text):
            yield (
                "Expected static value to be a valid DateTime String, e.g. "
                f"'2023-03-02T15:35+02:00', but found '{text}'."
            )


def _is_moment(text: str) -> bool:
    try:
        parse_moment(text)
    except ValueError:
        return False
    return True


def headers(node: Any, _: Model) -> Iterator[str]:
    """``zeebe:taskHeaders``: no reserved keys, none twice."""
    keys = [header.get("key") for tag, header in children(node, names.ZEEBE) if tag == "header"]
    for key in (k for k in keys if k and k.startswith(_HEADER)):
        yield (
            f"Attribute 'key' contains '{key}', but header keys starting with '{_HEADER}' are "
            "reserved for internal use."
        )
    for key, count in Counter(keys).items():
        if key and count > 1:
            yield f"Headers contain duplicate entries for key '{key}'"


def start_names(kind: str) -> Any:
    """Rule: what starts a process has a constant name (semantics#message-start)."""

    def rule(node: Any, model: Model) -> Iterator[str]:
        if local_name(node.getparent()) != "process":
            return
        for found in (d for d in definitions(node) if is_a(d, kind)):
            referred = model.referred(found, f"{kind}Ref")
            name = None if referred is None else attribute(referred, "name")
            if name is not None and not list(expression(name)):
                yield from _not_constant(kind, name, model)

    return rule


def _not_constant(kind: str, name: str, model: Model) -> Iterator[str]:
    try:
        value = Expression(name, model.clock).evaluate({})
    except Failure as failure:
        yield (
            f"Expected constant expression but found '{name}', which could not be evaluated "
            f"without context: {failure.message}"
        )
        return
    if not isinstance(value, str):
        yield (
            f"Expected constant expression of type String for {kind} name '{name}', but was "
            f"{zeebe_type(value)}"
        )
