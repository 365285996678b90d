"""docs/reference/lint.md lists the rules as they are."""

import re
from pathlib import Path

from workflow_devkit.lint import RULES, Profile
from workflow_devkit.lint.options import _KEYS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "lint.md").read_text()
ROW = re.compile(
    r"^\| `([\w-]+)` \| (\w+)(, profile `description`)? \| (yes)? ?\| (.+) \|$", re.MULTILINE
)


def test_every_rule_is_listed_with_its_level_and_what_it_demands():
    listed = {name: rest for name, *rest in ROW.findall(PAGE)}
    expected = {
        rule.name: [
            rule.severity,
            ", profile `description`" if rule.profile else "",
            "yes" if rule.refused else "",
            rule.summary,
        ]
        for rule in RULES.values()
    }
    assert listed == expected


def test_every_setting_and_profile_is_described():
    example = PAGE.partition("[tool.workflow.lint]")[2].partition("```")[0]
    assert re.findall(r"^([\w-]+) =", example, re.MULTILINE) == [_KEYS[0], *_KEYS[2:], _KEYS[1]]
    assert all(f"| `{profile}` |" in PAGE for profile in Profile)
