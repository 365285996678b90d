"""Versions of Zeebe stand in one table: ``versions.py``, and nowhere else in the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture.rooms import PACKAGES, RUNTIME

from workflow_runtime import versions
from workflow_runtime.versions import Version

TABLE = "versions.py"
COORDINATES = "render/"
"""Lines of pictures: 8.5 is a place there."""
VERSION = re.compile(r"(?<![\d.])8\.(?:[3-9]|1\d)(?:\.\d+)?(?![\d.]*\d)|\(8, ?\d+\)")


def told(source: str) -> list[str]:
    """The versions of Zeebe that a text names."""
    return VERSION.findall(source)


def elsewhere(package: Path) -> Iterator[str]:
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package).as_posix()
        if file != TABLE and not file.startswith(COORDINATES):
            found = told(path.read_text(encoding="utf-8"))
            yield from (f"{file}: {version}" for version in found)


@pytest.mark.parametrize("package", PACKAGES, ids=["runtime", "devkit"])
def test_no_version_stands_outside_of_the_table(package):
    assert list(elsewhere(package)) == []


@pytest.mark.parametrize(
    ("text", "versions_in_it"),
    [
        ('"needs Zeebe 8.4 or newer"', ["8.4"]),
        ("# as 8.5.8 does", ["8.5.8"]),
        ("came with 8.10.", ["8.10"]),
        ("OLDEST = (8, 4)", ["(8, 4)"]),
        ("address = 10.8.4.1; seconds = 18.5; count = 8", []),
    ],
)
def test_a_version_is_found_however_it_is_written(text, versions_in_it):
    assert told(text) == versions_in_it


def test_the_table_needs_nothing_but_the_standard_library():
    tree = ast.parse((RUNTIME / TABLE).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"__future__", "collections.abc", "typing"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


def test_all_that_the_table_dates_came_after_the_oldest_version():
    tables = (versions.ELEMENTS, versions.EXTENSIONS, versions.FUNCTIONS)
    assert all(since > versions.OLDEST for table in tables for since in table.values())


def test_the_gateway_of_the_engine_is_of_the_oldest_version():
    assert Version.read(versions.EMBEDDED) == versions.OLDEST


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("8.5.8", Version(8, 5)),
        ("8.10.0-rc1", Version(8, 10)),
        ("8.6", Version(8, 6)),
        ("8", None),
        ("8.x", None),
        ("", None),
        ("development", None),
    ],
)
def test_a_version_is_read_from_what_gateways_and_modelers_write(text, version):
    assert Version.read(text) == version


def test_versions_are_compared_by_their_numbers():
    assert Version(8, 10) > Version(8, 9)
    assert str(Version(8, 10)) == "8.10"
