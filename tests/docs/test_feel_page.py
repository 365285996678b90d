"""The page about FEEL lists the functions that there are, with their parameters' numbers."""

import re

from tests.docs.pages import ROOT

from workflow_devkit.feel import BUILTINS

PAGE = (ROOT / "docs" / "reference" / "feel.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("\n## Functions\n")[2].partition("\n## ")[0]
LISTED = set(re.findall(r"`([a-z][a-z ]*?)(?:\([^`]*\))?`", TABLE))
LATER = {"partition", "is empty", "trim"}
"""Named below the table as what is not there."""


def test_every_function_is_listed_and_no_other():
    assert set(BUILTINS) == LISTED - LATER


def test_what_is_said_to_come_later_is_not_there():
    assert LATER & set(BUILTINS) == set()
