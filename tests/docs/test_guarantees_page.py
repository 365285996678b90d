"""Every promise of the page has a test that exists and runs."""

import ast
import re

import pytest
from tests.docs.pages import ROOT

ROW = re.compile(r"^\| (.+?) \| (.+?) \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "reference" / "guarantees.md").read_text(encoding="utf-8")
PROMISES = [found.groups() for found in ROW.finditer(PAGE)]


@pytest.mark.parametrize(("fault", "promise", "file", "test"), PROMISES)
def test_a_promise_has_its_test(fault, promise, file, test):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    assert test in {each.name for each in ast.walk(tree) if isinstance(each, functions)}


def test_every_row_is_a_promise_and_none_stands_twice():
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line.startswith("| fault |")]
    assert len(PROMISES) == len(lines) - len(headings)
    assert len({fault for fault, *_ in PROMISES}) == len(PROMISES)
