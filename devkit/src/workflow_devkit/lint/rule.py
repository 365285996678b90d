"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.options import Profile
from workflow_devkit.lint.problem import Problem

Check = Callable[[LintContext], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``summary`` says in one line what it demands.

    ``refused`` says that the engine does not take a file that breaks it; ``profile`` that only
    diagrams of this profile are held to it.
    """

    name: str
    severity: Severity
    summary: str
    check: Check
    refused: bool = False
    profile: Profile | None = None
