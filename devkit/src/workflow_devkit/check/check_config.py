"""The settings of the check: ``[tool.workflow.check]`` of pyproject.toml."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from workflow_devkit.check.compare import RULES
from workflow_devkit.check.model_fields import given_by
from workflow_runtime.closest import did_you_mean
from workflow_runtime.errors import ConfigurationError

__all__ = ["CheckConfig", "config_at"]


class CheckConfig(BaseModel):
    """What a project says about its contract.

    Attributes:
        external: patterns of task types that other services work on.
        starts: by process id, the model (``module:Model``) with which instances start.
        rules: by rule, another severity, or ``off``.
    """

    # A misspelt setting would otherwise be ignored in silence.
    model_config = ConfigDict(extra="forbid", frozen=True)

    external: tuple[str, ...] = ()
    starts: dict[str, str] = Field(default_factory=dict)
    rules: dict[str, Literal["off", "info", "warning", "error"]] = Field(default_factory=dict)

    @field_validator("rules")
    @classmethod
    def _known(cls, rules: dict[str, str]) -> dict[str, str]:
        for rule in rules:
            if rule not in RULES:
                hint = did_you_mean(rule, RULES) or f"there are {', '.join(RULES)}"
                raise ValueError(f"no rule {rule!r}; {hint}")
        return rules

    def start_models(self) -> dict[str, frozenset[str]]:
        """By process, the variables of the model with which its instances start.

        Raises:
            ConfigurationError: there is no such model.
        """
        found = {process: given_by(_model(process, name)) for process, name in self.starts.items()}
        # Of a model that may carry more than its fields, the start stays unknown.
        return {process: names for process, names in found.items() if names is not None}


def config_at(folder: Path) -> CheckConfig:
    """What the nearest pyproject.toml says, defaults where there is none.

    Args:
        folder: where to look first; then in the folders around it.

    Raises:
        ConfigurationError: it says something that cannot be; names each.
    """
    for each in (folder.resolve(), *folder.resolve().parents):
        file = each / "pyproject.toml"
        # The nearest file counts, with the table or without (docs/reference/check.md).
        if file.is_file():
            return _read(file)
    return CheckConfig()


def _read(file: Path) -> CheckConfig:
    try:
        table: Any = tomllib.loads(file.read_text(encoding="utf-8"))
        for key in ("tool", "workflow", "check"):
            # Another value than a table is refused by the model, whatever the level.
            table = table.get(key, {}) if isinstance(table, dict) else table
        return CheckConfig.model_validate(table)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: {error}") from None
    except ValidationError as error:
        problems = "; ".join(_problem(each) for each in error.errors())
        raise ConfigurationError(f"{file}: [tool.workflow.check]: {problems}") from None


def _problem(error: Any) -> str:
    if error["type"] == "model_type":
        return "expected a table"
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}: no such setting; there are {', '.join(CheckConfig.model_fields)}"
    return f"{where}: {error['msg']}"


def _model(process: str, name: str) -> type[BaseModel]:
    module, _, attribute = name.partition(":")
    where = f"[tool.workflow.check.starts] {process}"
    try:
        # An import does run the module, as the import of the builder has done for the service.
        model = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"{where}: expected 'module:Model', but {error}") from None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise ConfigurationError(f"{where}: {name} is no pydantic model")
    return model
