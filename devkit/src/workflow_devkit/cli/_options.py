"""Options that several of the developer's verbs share, each described once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How findings are printed."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"


OutputFormat = Annotated[
    Format,
    typer.Option("--format", help="How findings are printed; github and sarif are for code hosts."),
]
ListRules = Annotated[bool, typer.Option("--list-rules", help="Show all rules and exit.")]
