"""Names that the documentation tells people to type exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AliasChoices
from tests.docs.pages import ROOT
from typer.main import get_command

from workflow_runtime import WorkflowSettings
from workflow_runtime.cli._app import app

PAGES = sorted([ROOT / "README.md", ROOT / "README.ru.md", *(ROOT / "docs").rglob("*.md")])
VARIABLE = re.compile(r"\b(?:WORKFLOW|ZEEBE|CAMUNDA)_[A-Z_]*[A-Z]\b(?!\*)")
COMMAND = re.compile(r"(?:^|`|bin/|-- )(workflow [a-z][^`\n#|]*)", re.MULTILINE)
OF_OTHERS = {
    "WORKFLOW_OUTBOX_URL",
    "ZEEBE_CLOCK_CONTROLLED",
    "ZEEBE_MONITORING",
    "ZEEBE_RECORDS",
    "ZEEBE_RESTART",
}
"""Read by commands, tests and brokers, not by a service."""
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def variables() -> Iterator[str]:
    for name, field in WorkflowSettings.model_fields.items():
        alias = field.validation_alias
        yield from (
            alias.choices if isinstance(alias, AliasChoices) else [f"WORKFLOW_{name}".upper()]
        )


def lacking(typed: list[str]) -> list[str]:
    """The words of a command line that the program does not know."""
    command = get_command(app)
    while typed and hasattr(command, "commands"):
        name = typed.pop(0)
        if name.startswith(("-", "[")):  # "[OPTIONS]" of a usage line
            return []
        if name not in command.commands:
            return [name]
        context = command.commands[name].make_context(name, [], resilient_parsing=True)
        command = context.command
    known = {option for each in command.params for option in each.opts} | {"--help", "-h", "--json"}
    return [word for word in typed if word.startswith("-") and word.split("=")[0] not in known]


@each_page
def test_every_environment_variable_is_one_that_is_read(page: Path):
    named = set(VARIABLE.findall(page.read_text()))
    assert sorted(named - set(variables()) - OF_OTHERS) == []


@each_page
def test_every_command_and_option_exists(page: Path):
    text = page.read_text().replace("'module:builder'", "module:builder")
    problems = {}
    for line in COMMAND.findall(text):
        try:
            words = shlex.split(line.strip())[1:]
        except ValueError:
            words = line.split()[1:]
        if unknown := lacking(list(words)):
            problems[line] = unknown
    assert problems == {}


def test_a_wrong_command_would_be_found():
    assert lacking(["frobnicate"]) == ["frobnicate"]
    assert lacking(["start", "x", "--scoop", "{}"]) == ["--scoop"]
