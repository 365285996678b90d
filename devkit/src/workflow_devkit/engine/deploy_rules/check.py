"""All rules on all elements of a file.

Between elements the broker's order is that of a hash table with identities; here it is that of
the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.deploy_rules.refusal import Breach, Refusal, RefusedElement
from workflow_devkit.engine.deploy_rules.tables import RUN_TIME, Rule, design_rules
from workflow_devkit.engine.deploy_rules.tree import Model, identifier
from workflow_runtime.bpmn import names
from workflow_runtime.bpmn.xml import flag

_PREFIXES = {names.BPMN: "", names.ZEEBE: "zeebe:"}


def refused_elements(root: Any, clock: EngineClock) -> Iterator[RefusedElement]:
    """Everything that forbids to deploy a file, element by element; nothing when it is taken.

    Args:
        root: the ``bpmn:definitions`` of the file.
        clock: what ``now()`` is, where an expression is computed at deploy.
    """
    model: Model | None = None
    for tag, node in _walk(root):
        design, run_time = _rules(tag)
        if not design and not run_time:
            continue
        model = model or Model.of(root, clock)
        first = _broken(design, tag, node, model)
        then = _broken(run_time, tag, node, model)
        if first or then:
            yield RefusedElement(identifier(node), first, then)


@cache
def _rules(tag: str) -> tuple[Sequence[Rule], Sequence[Rule]]:
    return tuple(design_rules(tag)), tuple(RUN_TIME.get(tag, ()))


def _broken(rules: Sequence[Rule], tag: str, node: Any, model: Model) -> tuple[Refusal, ...]:
    return tuple(
        _refusal(breach, tag, node, model) for rule in rules for breach in rule(node, model)
    )


def _refusal(breach: Breach, tag: str, node: Any, model: Model) -> Refusal:
    at = (node,) if breach.at is None else breach.at
    places = tuple(place for each in at for place in model.places(each))
    return Refusal(breach.rule, tag, breach.facts, places)


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
    namespace, brace, name = node.tag.rpartition("}")
    prefix = _PREFIXES.get(namespace + brace)
    return "" if prefix is None else prefix + name
