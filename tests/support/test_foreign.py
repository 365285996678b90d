"""Other people's files: collected without them, counted apart, taken only as they were listed."""

import re
from pathlib import Path

import pytest
from tests.support import cases, foreign, manifest

NAME = "bpmn/miwg/Reference__C.6.0.bpmn"
HOW = re.escape(foreign.HOW)
TESTS = """
    import pytest

    COUNT = 4

    @pytest.mark.parametrize("number", ["first", *range(1, COUNT)])
    def test_foreign_file(foreign, number):
        if number == "first":
            assert foreign("bpmn/miwg/Reference__C.6.0.bpmn").read_text() == "reference"

    def test_own():
        pass
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs tests of which most need other people's files; gives the lines of the report."""
    monkeypatch.delenv(foreign.VARIABLE, raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyprojecttoml(f"""
        [tool.pytest.ini_options]
        addopts = ["-ra", "--strict-markers", "-p", "no:asyncio", "-p", "no:cacheprovider"]
        markers = ["foreign: as in the repository"]
        pythonpath = ["{Path(__file__).resolve().parents[2].as_posix()}"]
    """)
    pytester.makeconftest('pytest_plugins = ["tests.support.foreign"]')
    pytester.makepyfile(TESTS)
    return lambda *arguments: pytester.runpytest_inprocess("-q", *arguments)


@pytest.fixture
def folder(pytester, monkeypatch):
    """A folder with one listed file."""
    content = b"reference"
    path = pytester.path / "theirs" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    monkeypatch.setattr(foreign, "LISTED", {NAME: {"sha256": cases.checksum(content)}})
    return path.parents[2]


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_without_a_folder_they_are_collected_and_counted_apart(run, arguments):
    result = run(*arguments)
    result.assert_outcomes(passed=1, skipped=4)
    result.stdout.re_match_lines([f"foreign: 4 not run \\({HOW}\\)$"])
    skipped = [line for line in result.outlines if line.startswith("SKIPPED")]
    assert len(skipped) == 1, skipped
    assert skipped[0].endswith(foreign.NOT_RUN)


@pytest.mark.parametrize("arguments", [("--foreign", "theirs"), ("--foreign=theirs",)])
def test_with_a_folder_they_run(run, folder, arguments):
    result = run(*arguments)
    result.assert_outcomes(passed=5)
    result.stdout.re_match_lines(["foreign: 4 passed$"])


def test_the_folder_comes_from_the_environment_too(run, folder, monkeypatch):
    monkeypatch.setenv(foreign.VARIABLE, "theirs")
    run().assert_outcomes(passed=5)


def test_the_option_goes_before_the_environment(run, folder, monkeypatch):
    monkeypatch.setenv(foreign.VARIABLE, "elsewhere")
    run("--foreign=theirs").assert_outcomes(passed=5)


def test_side_by_side_they_run_with_a_folder(run, folder):
    result = run("-n", "2", "--foreign=theirs", "-k", "not first")
    result.assert_outcomes(passed=4)
    result.stdout.re_match_lines(["foreign: 3 passed$"])


def test_a_missing_file_is_a_failure(run, folder):
    (folder / NAME).unlink()
    result = run("--foreign=theirs")
    result.assert_outcomes(passed=4, failed=1)
    said = (
        f"{folder / NAME} is missing, but tests/cases/foreign.json lists it; give the folder that "
        f"was listed with --foreign, or list this one with: python -m tests.support.manifest "
        f"{folder}"
    )
    counted = "foreign: (3 passed, 1 failed|1 failed, 3 passed)$"
    result.stdout.re_match_lines([f".*{re.escape(said)}", counted])


def test_another_file_of_that_name_is_a_failure(run, folder):
    (folder / NAME).write_text("another")
    result = run("--foreign=theirs")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.re_match_lines(
        [f".*{re.escape(str(folder / NAME))} has the checksum .*python -m tests.support.manifest"]
    )


def test_a_folder_that_is_not_there_is_a_usage_error(run):
    result = run("--foreign=nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.re_match_lines([rf"ERROR: --foreign, {foreign.VARIABLE}: .*nowhere; {HOW}"])


def test_thousands_are_told_apart(run, pytester):
    pytester.makepyfile(TESTS.replace("COUNT = 4", "COUNT = 1063"))
    run().stdout.re_match_lines(["foreign: 1,063 not run "])


def test_tests_that_need_none_say_nothing_about_them(run):
    result = run("-k", "test_own")
    result.assert_outcomes(passed=1, deselected=4)
    result.stdout.no_re_match_line("foreign: ")


def test_they_can_be_chosen_by_their_marker(run, folder):
    run("--foreign=theirs", "-m", "not foreign").assert_outcomes(passed=1, deselected=4)


def test_the_list_has_names_and_checksums_and_nothing_else():
    keys = {key for entry in foreign.LISTED.values() for key in entry}
    assert keys == {"sha256", "cases"}
    assert len(foreign.names("bpmn/*.bpmn")) == 65
    assert len(foreign.LISTED["feel-tck/cases.jsonl"]["cases"]) == 636


def test_a_pattern_without_files_is_an_error():
    with pytest.raises(AssertionError, match=r"no file bpmn/none in tests/cases/foreign\.json"):
        foreign.names("bpmn/none")


def test_the_folder_has_what_is_listed_and_no_more(foreign):
    found = manifest.foreign(foreign(NAME).parents[2])
    assert found == cases.read_data("foreign.json"), "python -m tests.support.manifest FOLDER"
