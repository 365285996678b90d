"""Other people's files in tests: a pytest plugin.

They are not copied into the repository. ``tests/cases/foreign.json`` lists them with checksums and
the names of their cases, so that the same tests are collected whether they are there or not. A
test gets at them by the fixture ``foreign``, which also gives it the marker of that name. The
folder is said by ``--foreign=FOLDER`` or by the variable ``FOREIGN_CASES``; without one these
tests are skipped, and the summary counts them apart.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from tests.support import cases

LISTED: dict[str, dict[str, Any]] = cases.read_data("foreign.json")
VARIABLE = "FOREIGN_CASES"
HOW = "give --foreign=FOLDER with bpmn/ and feel-tck/"
NOT_RUN = f"no other people's files: {HOW}"
_FOLDER = pytest.StashKey[Path | None]()

Reader = Callable[[str], Path]
"""What the fixture gives: the path of a listed file, whose content is as it was listed."""


def names(pattern: str) -> list[str]:
    """The listed files of a pattern such as ``bpmn/miwg/*.bpmn``, sorted; ``*`` goes deep."""
    found = sorted(name for name in LISTED if fnmatchcase(name, pattern))
    assert found, f"no file {pattern} in tests/cases/foreign.json"
    return found


def stem(name: str) -> str:
    """A file's name without folder and ending, for the ids of tests."""
    return Path(name).stem


def find(name: str, folder: Path) -> Path:
    """A listed file in a folder; the running test fails if it is missing or another."""
    path = folder / name
    if not path.is_file():
        pytest.fail(f"{path} is missing, but tests/cases/foreign.json lists it; {_remedy(folder)}")
    found = cases.checksum(path.read_bytes())
    if found != LISTED[name]["sha256"]:
        listed = LISTED[name]["sha256"]
        pytest.fail(
            f"{path} has the checksum {found[:12]}…, but tests/cases/foreign.json lists "
            f"{listed[:12]}…; {_remedy(folder)}"
        )
    return path


def _remedy(folder: Path) -> str:
    return (
        "give the folder that was listed with --foreign, or list this one with: "
        f"python -m tests.support.manifest {folder}"
    )


@pytest.fixture(scope="session")
def foreign(request: pytest.FixtureRequest) -> Reader:
    """Gives the path of one of other people's files by its name in the list."""
    folder = request.config.stash[_FOLDER]
    assert folder is not None
    return lambda name: find(name, folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--foreign", metavar="FOLDER", help=f"{__doc__} (default: ${VARIABLE})")


def pytest_configure(config: pytest.Config) -> None:
    said = config.getoption("--foreign") or os.environ.get(VARIABLE)
    folder = config.invocation_params.dir / said if said else None
    if folder is not None and not folder.is_dir():
        raise pytest.UsageError(f"--foreign, {VARIABLE}: there is no folder {folder}; {HOW}")
    config.stash[_FOLDER] = folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "foreign" in getattr(item, "fixturenames", ()):
            item.add_marker("foreign")


def pytest_runtest_setup(item: pytest.Item) -> None:
    # One place for all of them, so that -ra shows one line.
    if item.get_closest_marker("foreign") and item.config.stash[_FOLDER] is None:
        pytest.skip(NOT_RUN)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = Counter(_outcomes(terminalreporter.stats))
    missing = counted.pop("not run", 0)
    said = [f"{number:,} {outcome}" for outcome, number in counted.items()]
    said += [f"{missing:,} not run ({HOW})"] if missing else []
    if said:
        terminalreporter.write_line(f"foreign: {', '.join(said)}")


def _outcomes(stats: dict[str, list[Any]]) -> Iterator[str]:
    for outcome, reports in stats.items():
        for report in reports:
            of_a_test = outcome and isinstance(report, pytest.TestReport)
            if of_a_test and "foreign" in report.keywords:
                yield "not run" if NOT_RUN in str(report.longrepr) else outcome
