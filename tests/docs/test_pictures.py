"""The documentation's pictures are what the command draws today."""

import html
import re

import pytest
from tools.pictures.compare import COMPARED
from tools.pictures.documented import FOLDER, ROOT, pictures
from tools.pictures.terminal import terminals

PAGES = [ROOT / "docs" / "reference" / f"{name}.md" for name in ("pictures", "lint", "check")]


@pytest.fixture(scope="module")
def drawn():
    return pictures()


@pytest.mark.parametrize("name", ["registration", "registration-laid-out",
                                  "registration-instances", "registration-coverage"])  # fmt: skip
def test_a_picture_is_what_the_command_draws(drawn, name):
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert kept == drawn[f"{name}.svg"], "python -m tools.pictures docs"


def test_the_instances_of_the_picture_did_what_its_page_says(drawn):
    picture = drawn["registration-instances.svg"]
    assert "(createAccount): passed 7 times" in picture
    assert "(awaitConfirmation): passed 5 times, 2 instances wait here" in picture
    assert "(grantBonus): 1 instance waits here, 1 open incident" in picture


def test_every_picture_is_shown_and_every_model_compared():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = set(re.findall(r"\.\./pictures/([\w.-]+)", text))
    assert shown == {path.name for path in FOLDER.iterdir()}
    assert {f"compared-{name}.png" for name in COMPARED} <= shown


def words(svg):
    return html.unescape(re.sub(r"<[^>]*>", " ", svg.split("</style>")[1])).split()


@pytest.mark.slow
def test_the_pictures_of_the_terminal_show_what_the_commands_print_today():
    for name, svg in terminals().items():
        kept = (FOLDER / name).read_text(encoding="utf-8")
        assert words(kept) == words(svg), "python -m tools.pictures docs"
        assert "url(http" not in kept
