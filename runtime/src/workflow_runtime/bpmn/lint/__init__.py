"""Checks diagrams: what the engine refuses, what would stop at run time, what is unclear."""

from workflow_runtime.bpmn.lint.linter import lint, lint_files, refusals
from workflow_runtime.bpmn.lint.options import (
    LintConfigError,
    Options,
    Profile,
    check_rule,
    find_config,
    read_config,
    read_level,
    read_profile,
)
from workflow_runtime.bpmn.lint.rules import RULES

__all__ = [
    "RULES",
    "LintConfigError",
    "Options",
    "Profile",
    "check_rule",
    "find_config",
    "lint",
    "lint_files",
    "read_config",
    "read_level",
    "read_profile",
    "refusals",
]
