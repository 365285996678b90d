"""All rules, in the order of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.lint import (
    elements,
    expressions,
    gateways,
    joins,
    naming,
    paths,
    references,
    structure,
    style,
    tasks,
    timer_names,
    timers,
    variables,
)
from workflow_devkit.lint.rule import Rule

_FAMILIES: Final = (
    structure, elements, tasks, references, timers, timer_names, gateways, expressions, paths,
    joins, naming, variables, style,
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = {
    rule.name: rule for family in _FAMILIES for rule in family.RULES
}
"""Every rule by name."""
