"""The page about the contract names the rules and the settings that there are."""

import re
import tomllib
from pathlib import Path

from workflow_devkit.check.check_config import CheckConfig
from workflow_devkit.check.compare import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "check.md"


def test_the_table_has_every_rule_with_its_severity():
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(name, str(severity), text) for name, (severity, text) in RULES.items()]


def test_the_example_of_settings_is_valid_and_shows_all():
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    table = tomllib.loads(example)["tool"]["workflow"]["check"]
    assert CheckConfig.model_validate(table).model_fields_set == set(CheckConfig.model_fields)
