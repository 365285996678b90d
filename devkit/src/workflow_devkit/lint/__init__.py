"""Checks diagrams: what the engine refuses, what would stop at run time, what is unclear."""

from workflow_devkit.lint.linter import lint, lint_files, refusals
from workflow_devkit.lint.options import (
    LintConfigError,
    Options,
    Profile,
    check_rule,
    find_config,
    read_config,
    read_level,
    read_profile,
)
from workflow_devkit.lint.rules import RULES

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
