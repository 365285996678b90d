"""What is made once is whole or not there, and what is missing is told."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support import making
from tests.support.making import made, require_programs, run


def test_who_starts_at_once_makes_it_once(tmp_path):
    parts = []
    folder = tmp_path / "cache" / "tool-1.2"
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: made(folder, parts.append), range(4)))
    assert found == {folder}
    assert parts == [tmp_path / "cache" / "tool-1.2.part"]


def test_what_fails_half_way_leaves_nothing_and_is_made_anew(tmp_path):
    def fail(part):
        (part / "half").touch()
        run(sys.executable, "-c", "print('no such version'); raise SystemExit(3)")

    with pytest.raises(pytest.fail.Exception, match=r"ended with 3:\nno such version"):
        made(tmp_path / "tool", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["tool.lock"]
    folder = made(tmp_path / "tool", lambda part: (part / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_a_command_gives_what_it_said_or_fails_with_the_hint():
    assert run(sys.executable, "-c", "print(1)") == "1\n"
    with pytest.raises(pytest.fail.Exception, match=r"ended with 1 \(ask somebody\):\nout of ink"):
        run(sys.executable, "-c", "raise SystemExit('out of ink')", hint=" (ask somebody)")


def test_a_command_that_does_not_end_is_ended_and_told(monkeypatch):
    monkeypatch.setattr(making, "_PATIENCE", 0.2)
    with pytest.raises(pytest.fail.Exception, match=r"timed out after 0\.2 seconds \(ask somebody"):
        run(sys.executable, "-c", "import threading as t; t.Event().wait()", hint=" (ask somebody)")


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_program_skips_the_test_and_fails_it_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="not installed: gofer, gopher; install Go"):
        require_programs("gofer", "env", "gopher", remedy="install Go")
