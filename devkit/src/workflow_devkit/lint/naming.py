"""Names of tasks and events: by pattern, and each once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.options import Profile
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.references import catching_messages
from workflow_devkit.lint.rule import Rule
from workflow_devkit.lint.tasks import implementations
from workflow_runtime.bpmn.model import Element, Message

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CAMEL = "[a-z][a-zA-Z0-9]*"


# An entry for each process and pattern, which every task and event of the process asks for.
@lru_cache(maxsize=256)
def pattern(text: str, process: str) -> re.Pattern[str]:
    """A pattern such as ``{process}_{task}`` for the names of one process."""
    # Split by a group: the texts stand at even places, the placeholders at odd ones.
    parts = _PLACEHOLDER.split(text)
    known = {"process": re.escape(process)}
    return re.compile(
        "".join(
            known.get(part, _CAMEL) if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
    )


def _typed(context: LintContext) -> Iterator[tuple[Element, Element, str]]:
    for element, process in context.owned:
        name = element.task.type if element.task and implementations(element) else None
        if name and not name.startswith("="):
            yield element, process, name


def _patterns(context: LintContext) -> Iterator[Problem]:
    for element, process, name in _typed(context):
        yield from _by_pattern(element, process, name, context.options.task_name)
    owners = {element.id: process for element, process in context.owned}
    for element, message in catching_messages(context):
        # Only what waits: a thrown message is a job, and is named by its task type
        # (semantics#job-tasks).
        name = (message.name if message else None) or ""
        if name and not name.startswith("="):
            yield from _by_pattern(element, owners[element.id], name, context.options.event_name)


def _by_pattern(element: Element, process: Element, name: str, wanted: str) -> Iterator[Problem]:
    if not pattern(wanted, process.id).fullmatch(name):
        what = "event" if element.message else "task type"
        example = _PLACEHOLDER.sub(
            _camel(element.name or ""), wanted.replace("{process}", process.id)
        )
        yield about(
            element,
            f"has the {what} {name!r}, which does not follow {wanted}",
            f"expected a name such as {example}",
        )


def _camel(words: str) -> str:
    parts: list[str] = re.findall(r"[a-zA-Z0-9]+", words) or ["send", "email"]
    return parts[0].lower() + "".join(part.capitalize() for part in parts[1:])


def _unique_events(context: LintContext) -> Iterator[Problem]:
    seen: dict[str, Message] = {}
    for message in context.definitions.messages.values():
        if not message.name:
            continue
        first = seen.setdefault(message.name, message)
        if first is not message:
            yield Problem(
                message.id,
                message.name,
                message.line,
                f"is a second message of the name {message.name!r}",
                f"use {first.id} in its place",
            )


def _unique_tasks(context: LintContext) -> Iterator[Problem]:
    seen: dict[str, Element] = {}
    for element, _, name in _typed(context):
        first = seen.setdefault(name, element)
        if first is not element:
            yield about(
                element,
                f"has the task type {name!r}, as {first.id} has",
                "give each task a type of its own, unless both shall do the same",
            )


def _used(context: LintContext) -> Iterator[Problem]:
    used = {
        element.message.id
        for process in context.definitions.processes
        for element in process.walk()
        if element.message
    }
    # Of an event with several definitions, `message` is that of the first only.
    used |= {
        event.message.id
        for process in context.definitions.processes
        for element in process.walk()
        for event in element.events
        if event.message
    }
    for message in context.definitions.messages.values():
        # Of a drawing that nobody runs only that is said.
        if message.id not in used and context.processes:
            yield Problem(
                message.id,
                message.name or "",
                message.line,
                "is a message that no event and no task of the file is about",
                "remove it",
            )


W = Severity.WARNING
RULES: Final = (
    Rule("name-pattern", W, "Task types and events are named by their process: "
         "processName_taskName, processName_eventName.", _patterns, profile=Profile.DESCRIPTION),
    Rule("unique-event-name", Severity.ERROR, "No two messages of a file have one name.",
         _unique_events),
    Rule("unique-task-type", W, "No two tasks of a file have one type.", _unique_tasks,
         profile=Profile.DESCRIPTION),
    Rule("unused-message", Severity.INFO, "Messages are used.", _used),
)  # fmt: skip
