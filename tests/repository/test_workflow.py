"""The repository's own workflow: few rights, pinned actions, no broker, the Pythons we name."""

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from tests.support.tools import run_tool

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / ".github" / "workflows" / "ci.yml"
OF_TEMPLATE = ROOT / "{{cookiecutter.service_name}}" / ".github" / "workflows" / "ci.yml"
PINNED = re.compile(r"uses: (\S+@[0-9a-f]{40} # v[0-9.]+)$", re.MULTILINE)
WORKFLOW = yaml.safe_load(FILE.read_text())


def steps() -> Iterator[dict]:
    return itertools.chain.from_iterable(job["steps"] for job in WORKFLOW["jobs"].values())


def pythons_of_workflow() -> list[str]:
    return WORKFLOW["jobs"]["python"]["strategy"]["matrix"]["python"]


def pythons_of_tox() -> list[str]:
    tox = ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    (section,) = [name for name in tox.sections() if name.startswith("testenv:py{")]
    return [f"3.{minor}" for minor in re.findall(r"\b3(\d+)", section)]


def pythons_of_package() -> list[str]:
    project = tomllib.loads((ROOT / "runtime" / "pyproject.toml").read_text())["project"]
    return re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))


def test_the_security_linter_finds_nothing():
    run_tool(ROOT, "zizmor", "--offline", "--quiet", ".github")


@pytest.mark.parametrize(
    ("file", "schema"),
    [("workflows/ci.yml", "vendor.github-workflows"), ("dependabot.yml", "vendor.dependabot")],
)
def test_the_files_fit_their_schemas(file, schema):
    run_tool(ROOT / ".github", "check-jsonschema", "--builtin-schema", schema, file)


def test_jobs_may_read_at_most_and_do_not_run_for_ever():
    assert WORKFLOW["permissions"] == {}
    for job in WORKFLOW["jobs"].values():
        assert job["permissions"] in ({}, {"contents": "read"})
        assert job["timeout-minutes"] <= 60


def test_a_checkout_leaves_no_credentials_behind():
    checkouts = [step for step in steps() if "checkout" in step.get("uses", "")]
    assert len(checkouts) == 2
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_actions_are_those_of_the_template_at_the_same_commits():
    used = PINNED.findall(FILE.read_text())
    assert len(used) == len([step for step in steps() if "uses" in step])
    assert set(used) <= set(PINNED.findall(OF_TEMPLATE.read_text()))


def test_it_runs_what_runs_before_a_change_lands_and_starts_nothing_else():
    commands = [step["run"] for step in WORKFLOW["jobs"]["run"]["steps"] if "run" in step]
    assert [command.rpartition("bash ")[2] for command in commands] == [".ci/run"]
    for job in WORKFLOW["jobs"].values():
        assert not {"services", "container"} & job.keys()
    assert not re.search("docker|camunda|zeebe", FILE.read_text(), re.IGNORECASE)


def test_every_python_of_the_package_is_tested_and_offered_by_the_template():
    named = pythons_of_package()
    answers = json.loads((ROOT / "cookiecutter.json").read_text())
    assert len(named) >= 4
    assert answers["python_version"] == named
    assert answers["__prompts__"]["python_version"].keys() - {"__prompt__"} == set(named)
    assert pythons_of_workflow() == pythons_of_tox()
    assert set(named) <= set(pythons_of_tox())


def test_every_python_that_is_tested_is_in_the_documentation():
    row = re.search(r"^\| Python \|.*$", (ROOT / "docs" / "support.md").read_text(), re.MULTILINE)
    assert [version for version in pythons_of_tox() if version not in row[0]] == []
