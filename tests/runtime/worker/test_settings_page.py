"""The reference page of settings is equal to the code."""

import re
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from workflow_runtime import RetryPolicy, TaskHandlerConfig, WorkflowSettings

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "settings.md"
TEMPLATE = ROOT / "{{cookiecutter.service_name}}"
DEPLOY = ROOT / "docs" / "how-to" / "deploy.md"
BEYOND_GRACE = 10
"""Seconds that whoever kills a service waits longer: jobs are handed back, events are sent."""
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
    readme = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `WORKFLOW_(\w+)` \| `([^`]+)` \|", readme, re.MULTILINE)
    fields_ = {
        name.upper(): written(f.default) for name, f in WorkflowSettings.model_fields.items()
    }
    assert {name: fields_[name].strip("`") for name, _ in rows} == dict(rows)
    assert len(rows) > 1


@pytest.mark.parametrize(
    ("file", "words", "beyond"),
    [
        (TEMPLATE / "k8s" / "kustomization.yaml", "WORKFLOW_GRACE=", 0),
        (DEPLOY, "WORKFLOW_GRACE=", 0),
        (DEPLOY, "terminationGracePeriodSeconds: ", BEYOND_GRACE),
        (TEMPLATE / "k8s" / "deployment.yaml", "terminationGracePeriodSeconds: ", BEYOND_GRACE),
        (TEMPLATE / "compose.yaml", "stop_grace_period: ", BEYOND_GRACE),
        (TEMPLATE / "README.md", "Kubernetes gives ", BEYOND_GRACE),
    ],
    ids=lambda each: getattr(each, "name", None),
)
def test_a_service_gets_its_grace_period_before_it_is_killed(file, words, beyond):
    said = re.findall(rf"{words}(\d+)", file.read_text(encoding="utf-8"))
    default = WorkflowSettings.model_fields["grace"].default.total_seconds()
    assert [int(seconds) for seconds in said] == [default + beyond], f"{file}: {words}…"
