"""The reference page of settings is equal to the code."""

import re
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from workflow_runtime import RetryPolicy, TaskHandlerConfig, WorkflowSettings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "settings.md"
SERVICE, NAMES, HANDLER, POLICY = (
    [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    for table in re.findall(r"(?:^\|.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
)


def written(default):
    """A default as the page has it."""
    match default:
        case None | () | "" | SecretStr():
            return ""
        case bool():
            return f"`{str(default).lower()}`"
        case timedelta():
            return f"{default.total_seconds():g}"
        case int() | float():
            return f"{default:g}"
        case str():
            return f"`{default}`"
    return f"`{type(default).__name__}()`"


def of(cls):
    return {
        f"`{f.name}`": written(f.default if f.default_factory is MISSING else f.default_factory())
        for f in fields(cls)
    }


def test_every_setting_is_listed_with_its_default():
    expected = {f"`{n}`": written(f.default) for n, f in WorkflowSettings.model_fields.items()}
    assert {row[0]: row[1] for row in SERVICE} == expected


@pytest.mark.parametrize(
    ("rows", "cls"), [(HANDLER, TaskHandlerConfig), (POLICY, RetryPolicy)], ids=["handler", "retry"]
)
def test_every_field_is_listed_with_its_default(rows, cls):
    assert {row[0]: row[1] for row in rows} == of(cls)


def test_every_other_name_in_the_environment_is_listed():
    expected = {
        f"`{name}`": [f"`{alias}`" for alias in field.validation_alias.choices]
        for name, field in WorkflowSettings.model_fields.items()
        if field.validation_alias
    }
    assert {row[0]: row[1].split(", ") for row in NAMES} == expected


def test_every_row_says_what_it_does():
    assert [row for row in (*SERVICE, *HANDLER, *POLICY) if not row[3]] == []


def test_the_readme_of_a_generated_service_says_the_same_defaults():
    readme = PAGE.parents[2] / "{{cookiecutter.service_name}}" / "README.md"
    rows = re.findall(r"^\| `WORKFLOW_(\w+)` \| `([^`]+)` \|", readme.read_text(), re.MULTILINE)
    fields_ = {
        name.upper(): written(f.default) for name, f in WorkflowSettings.model_fields.items()
    }
    assert {name: fields_[name].strip("`") for name, _ in rows} == dict(rows)
    assert len(rows) > 1
