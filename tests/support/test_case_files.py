"""Every file of test data is described and as it was recorded."""

import json
import re

import pytest
from tests.support import cases, manifest, shapes

PAGE = cases.read_text("README.md").partition("## Encoding")[0]
ROWS = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
DESCRIBED = [pattern for row in ROWS for pattern in re.findall(r"`(.+?)`", row)]
FILES = sorted(
    path.relative_to(cases.CASES).as_posix() for path in cases.CASES.rglob("*") if path.is_file()
)


def found(pattern):
    return {path.relative_to(cases.CASES).as_posix() for path in cases.CASES.glob(pattern)}


@pytest.mark.parametrize("pattern", DESCRIBED)
def test_a_row_of_the_page_is_about_files_that_are_there(pattern):
    assert found(pattern), f"tests/cases/README.md describes {pattern}, which is not there"


def test_every_file_is_in_one_row_of_the_page():
    rows = [name for pattern in DESCRIBED for name in found(pattern)]
    assert sorted(rows) == FILES, "add a row to tests/cases/README.md, or leave one out"


@pytest.mark.parametrize("name", cases.names("*"))
def test_a_recording_is_as_it_was_recorded(name):
    assert cases.checksum(cases.read(name)) == cases.manifest()[name]["sha256"]


def test_every_recording_is_listed():
    listed = sorted(cases.manifest())
    assert manifest.recordings() == listed, f"{cases.AGAIN}; or {cases.RESTORE}"


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith((".json", ".jsonl", ".yaml"))])
def test_a_file_has_its_shape(name):
    if name.startswith("stand/"):
        assert cases.read(name)
    else:
        assert cases.read_data(name)


@pytest.mark.parametrize("pattern", shapes.SHAPES)
def test_there_are_files_of_each_shape(pattern):
    assert found(pattern)


def test_every_small_file_has_one_answer():
    asked = [f"xml/{answer['file']}" for answer in cases.read_data("xml/expected.json")]
    assert sorted(asked) == cases.names("xml/*.bpmn")


def test_listing_again_changes_nothing():
    assert json.loads(cases.read("manifest.json")) == manifest.own()
