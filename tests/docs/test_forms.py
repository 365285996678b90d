"""The forms for issues are what the host takes, and they lead to what exists."""

import re

import pytest
from tests.docs.pages import ROOT
from tests.support.tools import run_tool

FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-issue-config", [FORMS / "config.yml"]),
        ("vendor.github-issue-forms", sorted({*FORMS.glob("*.yml")} - {FORMS / "config.yml"})),
    ],
    ids=["config", "forms"],
)
def test_the_host_can_read_them(schema, files):
    assert files
    run_tool(ROOT, "check-jsonschema", "--builtin-schema", schema, *map(str, files))


def test_files_that_they_name_exist():
    texts = [p.read_text(encoding="utf-8") for p in (ROOT / ".github").rglob("*.*ml")]
    texts.append((ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8"))
    named = {name for text in texts for name in re.findall(r"\b((?:\w+/)*[A-Z]+\.md)\b", text)}
    assert named >= {"SECURITY.md", "CONTRIBUTING.md"}
    assert [name for name in named if not (ROOT / name).exists()] == []
