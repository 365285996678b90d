"""How packages come into the cache: each version in a folder of its own, and never silently."""

import pytest
from tests.clients import packages


def test_each_version_has_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    folder = packages.made("@camunda8/sdk", lambda part: (part / "whole").touch())
    assert folder == tmp_path / "camunda8-sdk-8.8.13"
    assert packages.made("@camunda8/sdk", pytest.fail) == folder
    assert packages.made("zbctl", lambda _: None, "-suites") == tmp_path / "zbctl-8.5.0-suites"


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_tool_skips_the_test_and_fails_it_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="not installed: gofer; tests/clients needs Java, Maven"):
        packages.tool("gofer")
