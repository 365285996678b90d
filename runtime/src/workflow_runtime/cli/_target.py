"""Finds the builder that ``module:builder`` names."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from workflow_runtime.cli._exits import UsageError, did_you_mean

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder


def load_builder(target: str) -> WorkflowBuilder:
    """Imports the module as the working directory sees it and takes the builder out of it.

    Raises:
        UsageError: no such module or attribute, or it is no builder and returns none.
    """
    from workflow_runtime.builder import WorkflowBuilder  # noqa: PLC0415 - costs start-up time

    module_name, colon, attribute = target.partition(":")
    if not (colon and module_name and attribute):
        raise UsageError(
            f"expected MODULE:BUILDER such as my_service.main:builder, got {target!r}."
        )
    found = _attribute(_module(module_name), attribute)
    builder = found() if callable(found) and not isinstance(found, WorkflowBuilder) else found
    if not isinstance(builder, WorkflowBuilder):
        raise UsageError(
            f"{target} is {type(builder).__name__}; expected a WorkflowBuilder or a function "
            "without parameters that returns one."
        )
    return builder


def _module(name: str) -> ModuleType:
    _see_working_directory()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise UsageError(f"{name} needs {error.name}, which is not installed.") from error
        raise UsageError(
            f"no module {error.name!r} in {Path.cwd()} or among the installed packages."
        ) from error


def _see_working_directory() -> None:
    for folder in (str(Path.cwd()), str(Path.cwd() / "src")):
        if folder not in sys.path:
            sys.path.insert(0, folder)


def _attribute(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        public = [each for each in vars(module) if not each.startswith("_")]
        raise UsageError(
            f"{module.__name__} has no {name!r}.{did_you_mean(name, public)}"
        ) from None
