"""A rule of lint: its name and level, what it demands, how it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workflow_devkit.findings import Severity
from workflow_devkit.lint.advice import REFUSED
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.options import Profile
from workflow_devkit.lint.problem import Problem

Check = Callable[[LintContext], Iterable[Problem]]


def nothing(_: LintContext) -> Iterable[Problem]:
    """The check of a rule that only deployment or the reading of a file can break."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``summary`` says in one line what it demands.

    ``check`` finds what a deployment would take all the same; what it refuses is found by the
    deploy rules. ``profile`` says that only diagrams of this profile are held to the rule.
    """

    name: str
    severity: Severity
    summary: str
    check: Check = nothing
    profile: Profile | None = None

    @property
    def refused(self) -> bool:
        """Whether a deployment refuses files that break it."""
        return self.name in REFUSED
