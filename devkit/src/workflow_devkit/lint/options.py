"""What a project asks of its diagrams: ``[tool.workflow.lint]`` of its pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from workflow_devkit.findings import Severity
from workflow_runtime.closest import did_you_mean
from workflow_runtime.errors import ConfigurationError

OFF = "off"
TABLE = "[tool.workflow.lint]"
_KEYS = ("profile", "rules", "task-name", "event-name")


class Profile(StrEnum):
    """Which elements diagrams may have."""

    DESCRIPTION = "description"
    """Service tasks, gateways, timers and message events."""
    ZEEBE = "zeebe"
    """All that the oldest supported Zeebe runs."""


class LintConfigError(ConfigurationError):
    """The settings of lint cannot be used; the message names file, key and remedy."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge a file.

    ``levels`` replaces the severity of single rules; None switches one off. In the names
    ``{process}`` stands for the id of the process, any other word in braces for a name in
    lowerCamelCase.
    """

    profile: Profile = Profile.DESCRIPTION
    levels: Mapping[str, Severity | None] = field(default_factory=dict)
    task_name: str = "{process}_{task}"
    event_name: str = "{process}_{event}"


def find_config(file: Path) -> Path | None:
    """The nearest pyproject.toml that has a table for lint: above a file, or where one works."""
    here = Path.cwd()
    # Diagrams may lie, or be linked to, outside of the project that uses them.
    for folder in (*file.resolve().parents, here, *here.parents):
        candidate = folder / "pyproject.toml"
        # One without the table, of a package in a larger project perhaps, is passed over.
        if candidate.is_file() and _table(candidate) is not None:
            return candidate
    return None


def read_config(path: Path | None, rules: Collection[str]) -> Options:
    """The options in a pyproject.toml; the defaults where there is none.

    Raises:
        LintConfigError: it cannot be read, or has a key, rule or value that is not known.
    """
    table = _table(path) if path else None
    if path is None or table is None:
        return Options()
    _known(table, _KEYS, f"{path}: {TABLE}", "key")
    levels = table.get("rules", {})
    if not isinstance(levels, dict):
        raise LintConfigError(f'{path}: {TABLE} rules: expected a table such as {{ feel = "off" }}')
    _known(levels, rules, f"{path}: {TABLE} rules", "rule")
    return Options(
        profile=read_profile(table.get("profile", Profile.DESCRIPTION), f"{path}: {TABLE} profile"),
        levels={rule: read_level(level, f"{path}: {rule}") for rule, level in levels.items()},
        **{
            key.replace("-", "_"): _name(table[key], f"{path}: {key}")
            # The patterns of names; profile and rules are read above.
            for key in _KEYS[2:]
            if key in table
        },
    )


def read_profile(text: Any, where: str) -> Profile:
    """A profile by name.

    Raises:
        LintConfigError: there is none of this name.
    """
    _known([str(text)], list(Profile), where, "profile")
    return Profile(text)


def read_level(text: Any, where: str) -> Severity | None:
    """A rule's level by name: a severity, or None for ``off``.

    Raises:
        LintConfigError: there is none of this name.
    """
    _known([str(text)], [OFF, *Severity], where, "level")
    return None if text == OFF else Severity(text)


def check_rule(name: str, rules: Collection[str], where: str) -> None:
    """Refuses a rule that does not exist.

    Raises:
        LintConfigError: with what may have been meant.
    """
    _known([name], rules, where, "rule")


def _known(given: Collection[str], known: Collection[str], where: str, what: str) -> None:
    for word in given:
        if word not in known:
            hint = did_you_mean(word, known) or f"there are {', '.join(known)}"
            raise LintConfigError(f"{where}: no {what} {word!r}; {hint}")


def _name(text: Any, where: str) -> str:
    if not isinstance(text, str) or text.count("{") != text.count("}"):
        raise LintConfigError(f"{where}: expected a pattern such as '{{process}}_{{task}}'")
    return text


def _table(path: Path) -> dict[str, Any] | None:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        for key in ("tool", "workflow", "lint"):
            found = found.get(key)  # type: ignore[assignment] # any level may be absent
            if found is None:
                return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LintConfigError(f"{path}: cannot be read: {error}") from None
    # A value stands where `tool` or `workflow` should be a table.
    except AttributeError:
        raise LintConfigError(f"{path}: {TABLE}: expected a table") from None
    if not isinstance(found, dict):
        raise LintConfigError(f"{path}: {TABLE}: expected a table")
    return found
