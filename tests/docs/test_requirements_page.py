"""The page of requirements says what the packages declare."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "requirements.md"
ROW = re.compile(r"^\| `([^`|]+)` \| `([^`|]+)` \| ([^|]+) \|$", re.MULTILINE)
OURS = "zeebe-workflow"


def declared(folder):
    """What a package requires, as rows: name, versions, and for whom."""
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    groups = {"always": project["dependencies"]}
    groups |= {f"extra `{name}`": each for name, each in project["optional-dependencies"].items()}
    return [
        (*re.fullmatch(r"([\w.\[\]-]+?)([<>=].*)", each).groups(), whom)
        for whom, requirements in groups.items()
        for each in requirements
        if not each.startswith(OURS)
    ]


@pytest.mark.parametrize("folder", ["runtime", "devkit"])
def test_the_table_has_what_the_package_declares(folder):
    text = PAGE.read_text().partition(f"## The {folder}\n")[2].partition("\n## ")[0]
    assert ROW.findall(text) == declared(folder)


def test_the_python_is_the_one_that_both_declare():
    projects = [
        tomllib.loads((ROOT / f / "pyproject.toml").read_text()) for f in ("runtime", "devkit")
    ]
    (needed,) = {each["project"]["requires-python"].removeprefix(">=") for each in projects}
    assert f"Python {needed} or newer" in PAGE.read_text()
