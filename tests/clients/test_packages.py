"""How packages come into the cache: whole or not at all, and never silently."""

import pytest
from tests.clients import packages


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    return tmp_path


def test_what_fails_to_be_made_is_not_there_and_is_made_anew(cache):
    def fail(folder):
        (folder / "half").touch()
        packages.run("python3", "-c", "print('no such version'); raise SystemExit(3)")

    with pytest.raises(pytest.fail.Exception, match=r"ended with 3:\nno such version"):
        packages.made("zbctl", fail)
    assert not (cache / "zbctl-8.5.0").exists()
    folder = packages.made("zbctl", lambda folder: (folder / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_what_is_there_is_not_made_again(cache):
    packages.made("@camunda8/sdk", lambda folder: None)
    again = packages.made("@camunda8/sdk", pytest.fail)
    assert again == cache / "camunda8-sdk-8.8.13"


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_tool_skips_the_test_and_fails_it_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="gofer is not installed: tests/clients needs Java, Maven"):
        packages.tool("gofer")
