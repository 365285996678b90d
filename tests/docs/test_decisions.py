"""Each decision is a file of one form, and the list has each of them."""

import re
import tomllib
from datetime import date

import pytest
from tests.docs.pages import ROOT

FOLDER = ROOT / "docs" / "decisions"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "index.md")
INDEX = (FOLDER / "index.md").read_text(encoding="utf-8")
LISTED = re.findall(r"^\| \[.+\]\(([\w-]+\.md)\) \| .+ \|$", INDEX, re.MULTILINE)
HEAD = re.compile(
    r"\A# (?P<title>.+)\n\nDate: (?P<date>\d{4}-\d\d-\d\d) · Status: (?P<status>.+)\n\n"
)
SECTIONS = ["Decision", "Instead of", "Why", "Consequence"]
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def row(path):
    head = HEAD.match(path.read_text(encoding="utf-8"))
    assert head, f"{path.name}: begin with '# Title', then 'Date: YYYY-MM-DD · Status: accepted'"
    return f"| [{head['title']}]({path.name}) | {head['date']} | {head['status']} |"


@each
def test_a_decision_is_in_the_list(path):
    assert row(path) in INDEX.splitlines(), f"docs/decisions/index.md lacks: {row(path)}"


@each
def test_a_decision_has_its_sections_and_each_says_something(path):
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    assert parts[1::2] == SECTIONS, f"{path.name}: the sections are {SECTIONS}"
    assert all(body.strip() for body in parts[2::2])
    assert date.fromisoformat(HEAD.match(text)["date"]) <= date.today()  # noqa: DTZ011 - a day


def test_the_list_names_each_file_once_and_no_other():
    assert sorted(LISTED) == [path.name for path in FILES]


def required(package):
    """What a package and its extras install, but for the other one of the two."""
    project = tomllib.loads((ROOT / package / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(each for extra in extras for each in extra)]
    return {re.match(r"[\w-]+", each)[0] for each in wanted if not each.startswith("zeebe-")}


def test_every_dependency_of_the_packages_has_its_licence():
    names = required("runtime") | required("devkit")
    page = (FOLDER / "licences.md").read_text(encoding="utf-8").split("used for tests")[0]
    rows = dict(re.findall(r"^\| `([\w-]+)`[^|]* \| (.+) \|$", page, re.MULTILINE))
    assert set(rows) == names
