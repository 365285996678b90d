"""Variables that are written and certainly never read.

What a job worker could read is never reported: a job sees every variable of its scopes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from workflow_devkit.feel import FeelSyntaxError, compile_expression
from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import CONTAINERS, LintContext
from workflow_devkit.lint.expressions import texts_of
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_devkit.lint.tasks import implementations
from workflow_runtime.bpmn.model import Element, IoMapping, Kind


# Two rules ask for the same texts.
@lru_cache(maxsize=4096)
def _read_by(text: str) -> frozenset[str] | None:
    """Variables that an expression reads; None where it cannot be read itself."""
    try:
        return compile_expression(text[1:]).names if text.startswith("=") else frozenset()
    except FeelSyntaxError:
        return None


def _unused(context: LintContext) -> Iterator[Problem]:
    for element in context.elements:
        yield from _overwritten(element, "input", element.inputs)
        yield from _overwritten(element, "output", element.outputs)
        if not _others_read(element):
            yield from _unread_inputs(element)


def _overwritten(element: Element, side: str, mappings: Sequence[IoMapping]) -> Iterator[Problem]:
    # Targets that nothing has read since, by variable.
    unread: dict[str, set[str]] = {}
    for mapping in mappings:
        read = _read_by(mapping.source)
        # A later mapping sees what an earlier one has set (semantics#input-mappings).
        for name in list(unread) if read is None else read:
            unread.pop(name, None)
        written = unread.setdefault(_root(mapping.target), set())
        if mapping.target in written:
            yield about(
                element,
                f"maps an {side} to {mapping.target!r} and overwrites it at once",
                "remove the first of the two mappings",
            )
        written.add(mapping.target)


def _root(target: str) -> str:
    return target.partition(".")[0]


def _others_read(element: Element) -> bool:
    """Whether somebody besides the element's own expressions sees its local variables."""
    called = element.called
    return bool(
        # A job sees all variables of its scopes (semantics#job-activated, semantics#user-task).
        implementations(element)
        or element.kind in {Kind.USER_TASK, *CONTAINERS, Kind.UNSUPPORTED}
        or element.multi_instance
        or (called and called.propagate_parent)
    )


def _unread_inputs(element: Element) -> Iterator[Problem]:
    read = [_read_by(text) for text in texts_of(element)]
    if element.message is not None and element.message.correlation_key:
        read.append(_read_by(element.message.correlation_key))
    if None in read:
        return
    names = frozenset[str]().union(*(each for each in read if each is not None))
    # The called process reads them, under names that are not known here
    # (semantics#call-activity-variables).
    passed_on = element.kind is Kind.CALL_ACTIVITY
    for mapping in element.inputs:
        if _root(mapping.target) not in names and not passed_on:
            yield about(
                element,
                f"maps an input to {mapping.target!r}, which nothing reads: it is "
                "gone when the element is left",
                "remove the mapping",
            )


RULES: Final = (
    Rule("unused-variable", Severity.WARNING, "Mappings write variables that something can read.",
         _unused),
)  # fmt: skip
