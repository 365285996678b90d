"""Diagrams linted with the settings of their folder and of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_devkit.lint import (
    RULES,
    LintConfigError,
    Options,
    check_rule,
    find_config,
    lint_files,
    read_config,
    read_level,
    read_profile,
)
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.files import from_here

if TYPE_CHECKING:
    from workflow_devkit.findings import Finding

__all__ = ["RULES", "findings_in"]


def findings_in(
    files: Sequence[Path], profile: str | None, asked: Sequence[str]
) -> Sequence[Finding]:
    """What lint finds in these files.

    Args:
        files: the diagrams.
        profile: the value of ``--profile``.
        asked: the values of ``--rule``: a name, or a name with a level.

    Raises:
        UsageError: no such profile, rule or level, or a setting that cannot be read.
    """
    only = [word for word in asked if "=" not in word]
    try:
        return lint_files(map(from_here, files), _Settings(profile, asked).of, only)
    except LintConfigError as error:
        raise UsageError(str(error)) from None


class _Settings:
    """The options of each file: pyproject.toml, then the command line."""

    def __init__(self, profile: str | None, asked: Sequence[str]) -> None:
        self._profile = read_profile(profile, "--profile") if profile else None
        # A rule that does not exist is refused before any file is read.
        pairs = [word.partition("=") for word in asked]
        for name, _, _ in pairs:
            check_rule(name, RULES, "--rule")
        self._levels = {name: read_level(text, f"--rule {name}") for name, eq, text in pairs
                        if eq}  # fmt: skip
        self._by_folder: dict[Path, Options] = {}

    def of(self, file: Path) -> Options:
        """The options for one file."""
        # The settings are those of the nearest pyproject.toml: one answer for each folder.
        if file.parent not in self._by_folder:
            self._by_folder[file.parent] = self._read(file)
        return self._by_folder[file.parent]

    def _read(self, file: Path) -> Options:
        options = read_config(find_config(file), RULES)
        return replace(
            options,
            profile=self._profile or options.profile,
            levels={**options.levels, **self._levels},
        )
