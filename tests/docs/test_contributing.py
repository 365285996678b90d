"""What people are told to open and to type exists."""

import re
import shlex
from configparser import ConfigParser

import pytest
from tests.architecture.rooms import PACKAGES
from tests.docs.pages import ROOT

PAGES = ["CONTRIBUTING.md", "AGENTS.md", "tests/README.md"]
TEMPLATE = ROOT / "{{cookiecutter.service_name}}"
SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(
    r"[\w./{}-]+\.(?:py|md|toml|yaml|yml|ini|json|jsonl|txt|env\.example)|[\w.-]+/[\w./-]+"
)
INVENTED = {"tests/runtime/cli/test_extend_cli.py", "cli/extend.py"}
"""The examples' own files."""
USUAL = {"recorded.jsonl", "arguments.py", "CHANGELOG.md"}
"""Names without their folder, where the sentence has it."""


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands(page: str) -> list[str]:
    """What stands in backticks or in a block of shell, piece by piece."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL)
    lines = [*SPAN.findall(text(page)), *(line for block in blocks for line in block.splitlines())]
    return [part.partition(" # ")[0].strip() for line in lines for part in line.split("&&")]


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page):
    named = {word for word in SPAN.findall(text(page)) if FILE.fullmatch(word)}
    bases = (ROOT, *PACKAGES, *(package.parent for package in PACKAGES), TEMPLATE)
    lost = {n for n in named if not any((base / n.strip("/")).exists() for base in bases)}
    assert sorted(lost - INVENTED - USUAL) == [], f"{page} names what does not exist"


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_run_exists(page):
    runs = [shlex.split(c) for c in commands(page) if re.match(r"(\S+/)?pytest ", c)]
    words = [word for run in runs for word in run if word.startswith("tests")]
    assert words
    assert [word for word in words if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_environment_and_target_exists(page):
    tox = ConfigParser()
    tox.read(ROOT / "tox.ini")
    known = {name.removeprefix("testenv:") for name in tox.sections()}
    told = re.findall(r"tox run -e ([\w,-]+)", text(page))
    assert {name for names in told for name in names.split(",")} <= known
    targets = set(re.findall(r"^([\w./$()-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    words = [command.split() for command in commands(page)]
    asked = {each[each.index("make") + 1] for each in words if "make" in each[:-1]}
    assert asked
    assert {target.replace(".venv", "$(VENV)") for target in asked} <= targets


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "tests/README.md"])
def test_every_link_leads_to_a_heading(page):
    for target, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", text(page)):
        there = (ROOT / page).parent / target if target else ROOT / page
        headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"\W+", "-", each.lower()) for each in headings}


def test_every_recipe_says_what_fails_and_what_is_green():
    recipes = text("CONTRIBUTING.md").partition("\n## Recipes\n")[2].split("\n### ")[1:]
    assert len(recipes) == 10
    for recipe in recipes:
        assert "Fails first" in recipe, recipe.splitlines()[0]
        assert "\nGreen: " in recipe, recipe.splitlines()[0]
        assert re.search(r"^1\. ", recipe, re.MULTILINE), recipe.splitlines()[0]


def test_the_page_for_agents_is_one_screen():
    assert len(text("AGENTS.md").splitlines()) <= 45
