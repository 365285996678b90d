"""The page about the command is what the command says of itself."""

import re

from tools.cli_reference import PAGE, page

from workflow_runtime.cli.exits import ExitCode


def test_the_page_is_made_from_the_command(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    narrow = page()
    monkeypatch.setenv("COLUMNS", "200")
    assert page() == narrow
    assert PAGE.read_text() == narrow, "run: python -m tools.cli_reference"


def test_the_page_explains_every_exit_code():
    explained = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert [int(code) for code, _ in explained] == [*map(int, ExitCode), 130]
    assert len({meaning for _, meaning in explained}) == len(ExitCode) + 1
