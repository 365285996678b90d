"""Finds the database of a service's outbox as the service itself does."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.target import see_working_directory
from workflow_runtime.environment_text import meant

__all__ = ["find_url"]

_END: Final = "_OUTBOX_URL"
_FIELD: Final = "outbox_url"
_RUNTIME: Final = "zeebe-workflow-runtime"


def find_url() -> tuple[str, str]:
    """The URL of the database, and where it stands.

    Raises:
        UsageError: it stands nowhere, or there are several; names what was looked at.
    """
    for place, variables in (("the environment", os.environ), (".env", _dotenv())):
        if found := dict(_named(variables)):
            return _only(found, place)
    modules = list(dict.fromkeys(_modules()))
    if found := dict(_defaults(modules)):
        return _only(found, "the service's settings")
    looked = ", ".join(f"{name}.settings" for name in modules) or "none here"
    raise UsageError(
        "no database of an outbox is known: give --url, or set WORKFLOW_OUTBOX_URL or the "
        f"service's own SERVICE{_END}. Looked at: variables that end with {_END}, in the "
        f"environment and in {Path.cwd() / '.env'}; settings with {_FIELD} of services in this "
        f"folder or installed ({looked})."
    )


def _only(found: Mapping[str, str], place: str) -> tuple[str, str]:
    if len(set(found.values())) > 1:
        raise UsageError(
            f"several databases in {place}: {', '.join(found)}; WORKFLOW_OUTBOX_URL or --url says "
            "which one is meant."
        )
    name, url = next(iter(found.items()))
    return url, f"{name} in {place}"


def _dotenv() -> Mapping[str, str | None]:
    return dotenv_values(".env") if Path(".env").is_file() else {}


def _named(variables: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, text in variables.items():
        if name.upper().endswith(_END) and (value := meant(text or "")):
            yield name, value


def _modules() -> Iterator[str]:
    """Packages that may be a service: those in this folder, and what is installed and needs us."""
    for folder in (Path(), Path("src")):
        for file in sorted(folder.glob("*/settings.py")):
            yield file.parent.name
    for each in distributions():
        needs = (text.startswith(_RUNTIME) for text in each.requires or ())
        if any(needs):
            for point in each.entry_points.select(group="console_scripts"):
                yield point.module.partition(".")[0]


def _defaults(modules: list[str]) -> Iterator[tuple[str, str]]:
    see_working_directory()
    for name in modules:
        try:
            module = importlib.import_module(f"{name}.settings")
        except Exception:  # noqa: BLE001, S112 - of whatever lies here; it is named as looked at
            continue
        for kind in vars(module).values():
            of_module = isinstance(kind, type) and issubclass(kind, BaseSettings)
            if of_module and _FIELD in kind.model_fields:
                yield f"{module.__name__}.{kind.__name__}", _text(getattr(kind(), _FIELD))


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
