"""What every rule is made of: a severity, a sentence, and findings about elements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from workflow_devkit.check.diagram_facts import Place
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.closest import did_you_mean

__all__ = ["ContractRule", "Rules", "finding_at", "quoted", "suggestion"]


class ContractRule(NamedTuple):
    """What a breach means, and what the rule is about, in a sentence without a full stop."""

    severity: Severity
    summary: str


Rules = dict[str, ContractRule]


def finding_at(rules: Rules, place: Place, rule: str, message: str, remedy: str) -> Finding:
    """A breach of ``rule`` by the element at ``place``, with the rule's severity."""
    file, element = place
    severity = rules[rule].severity
    return Finding(
        file, element.line, rule, severity, message, remedy, element.id, element.name or ""
    )


def suggestion(word: str, known: Collection[str]) -> str:
    """The end of a sentence that suggests which other known word is meant; empty if none is."""
    question = did_you_mean(word, (each for each in known if each != word))
    return f"; {question}" if question else ""


def quoted(names: Iterable[str]) -> str:
    """Names in quotes, with commas between them: ``'a', 'b'``."""
    return ", ".join(repr(name) for name in names)
