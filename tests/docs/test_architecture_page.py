"""The pages about the architecture and the tests name files and functions that exist."""

import ast
import re
from pathlib import Path

import pytest
from tests.architecture.rooms import DEVKIT, PAGE, ROOT, RUNTIME

PAGES = (PAGE, ROOT / "tests" / "README.md")
TEXT = "".join(page.read_text(encoding="utf-8") for page in PAGES)
NAMED = " or ".join(page.relative_to(ROOT).as_posix() for page in PAGES)
PLACES = re.compile(r"`([\w./-]+?)(?:::([\w.]+))?`")
"""Files and folders in backticks, with a class, function or method of it behind ``::``."""
PATHS = {
    (path, name)
    for path, name in PLACES.findall(TEXT)
    if path.endswith(".py") or "/" in path.strip("/")
}


def found(path: str) -> Path | None:
    places = (base / path for base in (RUNTIME, DEVKIT, RUNTIME.parent, DEVKIT.parent, ROOT))
    return next((place for place in places if place.exists()), None)


def defined(module: Path) -> set[str]:
    """Classes, functions and ``Class.method`` of a module."""
    names: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
            inner = node.body if isinstance(node, ast.ClassDef) else []
            names.update(
                f"{node.name}.{each.name}"
                for each in inner
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            )
    return names


def problem(path: str, name: str) -> str:
    place = found(path)
    if place is None:
        return f"{NAMED} names {path}, which does not exist: mend it"
    if name and name not in defined(place):
        return f"{NAMED} names {name} of {path}, which is not there: mend it"
    return ""


def test_the_pages_name_many_places():
    assert len(PATHS) > 50


@pytest.mark.parametrize(("path", "name"), sorted(PATHS), ids=str)
def test_a_place_that_a_page_names_exists(path, name):
    assert problem(path, name) == ""


def test_what_does_not_exist_would_be_found():
    assert "does not exist" in problem("_worker/executor.py", "")
    assert "is not there" in problem("_worker/job_slots.py", "JobSlots.vanish")
    assert problem("_worker/job_slots.py", "JobSlots.batch") == ""
