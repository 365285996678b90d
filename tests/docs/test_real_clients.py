"""The versions of other people's clients stand in several files: they are the same."""

import json
import re
import tomllib

import pytest
from tests.clients.packages import PACKAGES
from tests.docs.pages import ROOT

CLIENTS = ROOT / "tests" / "clients"


@pytest.mark.parametrize("name", PACKAGES)
def test_the_decision_names_each_package_with_its_version_and_licence(name):
    page = (ROOT / "docs" / "decisions" / "real-clients.md").read_text(encoding="utf-8")
    version, licence, registry = PACKAGES[name]
    assert f"| {name} | {version} | {licence} | {registry} |" in page


@pytest.mark.parametrize("name", sorted(PACKAGES.keys() - {"protoc"}))
def test_the_page_of_what_is_supported_names_each_client(name):
    page = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
    assert re.search(rf"{re.escape(name)} (\| )?{re.escape(PACKAGES[name].version)}\b", page)


def test_npm_installs_the_version_of_the_table():
    wanted = json.loads((CLIENTS / "node" / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((CLIENTS / "node" / "package-lock.json").read_text(encoding="utf-8"))
    name = "@camunda8/sdk"
    assert wanted["dependencies"] == {name: PACKAGES[name].version}
    entry = locked["packages"][f"node_modules/{name}"]
    assert (entry["version"], entry["license"]) == (PACKAGES[name].version, PACKAGES[name].licence)


def test_cargo_builds_the_version_of_the_table():
    wanted = tomllib.loads((CLIENTS / "rust" / "Cargo.toml").read_text(encoding="utf-8"))
    assert wanted["dependencies"]["zeebe-rs"] == f"={PACKAGES['zeebe-rs'].version}"
