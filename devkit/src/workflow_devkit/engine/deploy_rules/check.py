"""All rules on all elements of a file.

Between elements the broker's order is that of a hash table with identities; here it is that of
the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.deploy_rules.refusal import WHOLE_FILE, Breach, Refusal, RefusedElement
from workflow_devkit.engine.deploy_rules.tables import RUN_TIME, Rule, design_rules
from workflow_devkit.engine.deploy_rules.tree import Model, identifier
from workflow_runtime.bpmn import namespaces
from workflow_runtime.bpmn.xml import flag

_PREFIXES = {namespaces.BPMN: "", namespaces.ZEEBE: "zeebe:"}
_PROCESS = f"{namespaces.BPMN}process"


def refused_elements(root: Any, clock: EngineClock) -> Iterator[RefusedElement]:
    """Everything that forbids to deploy a file, element by element; nothing when it is taken.

    Args:
        root: the ``bpmn:definitions`` of the file.
        clock: what ``now()`` is, where an expression is computed at deploy.
    """
    model = Model(root, clock)
    for rules, node in _walk(root):
        first = _broken(rules.design, rules.tag, node, model)
        then = _broken(rules.run_time, rules.tag, node, model)
        if first or then:
            yield RefusedElement(identifier(node), first, then)


class _Rules(NamedTuple):
    """The rules for elements of a tag, which is written as in the tables."""

    tag: str
    design: Sequence[Rule]
    run_time: Sequence[Rule]


# By tag, as a walk asks for each element; BPMN has fewer tags than this, and those of strangers
# are forgotten.
@lru_cache(maxsize=256)
def _rules(tag: str) -> _Rules:
    for namespace, prefix in _PREFIXES.items():
        if tag.startswith(namespace):
            name = prefix + tag.removeprefix(namespace)
            return _Rules(name, tuple(design_rules(name)), tuple(RUN_TIME.get(name, ())))
    return _Rules("", (), ())


def _broken(rules: Sequence[Rule], tag: str, node: Any, model: Model) -> tuple[Refusal, ...]:
    found = [breach for rule in rules for breach in rule(node, model)]
    return tuple(_refusal(breach, tag, node, model) for breach in found)


def _refusal(breach: Breach, tag: str, node: Any, model: Model) -> Refusal:
    at = (node,) if breach.at is None else breach.at
    places = tuple(place for each in at for place in model.places(each))
    return Refusal(breach.rule, tag, breach.facts, places or (WHOLE_FILE,))


def _walk(root: Any) -> Iterator[tuple[_Rules, Any]]:
    """All elements that have rules, but for those of processes that are not executable."""
    stack = [root]
    while stack:
        node = stack.pop()
        tag = node.tag
        # The layout, which is half of a file, has no rules.
        if tag.startswith(namespaces.BPMNDI):
            continue
        if tag == _PROCESS and not flag(node.get("isExecutable"), default=False):
            continue
        rules = _rules(tag)
        if rules.design or rules.run_time:
            yield rules, node
        if len(node):
            # Backwards onto the stack, so that they come in the order of the file.
            stack.extend(reversed(node))
