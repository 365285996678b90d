"""What pyproject.toml says to the check, where it says what cannot be."""

import pytest

from workflow_devkit.check.check_config import config_at
from workflow_runtime.errors import ConfigurationError


@pytest.mark.parametrize(
    "text", ['tool = "a"', '[tool]\nworkflow = "a"', "[tool.workflow]\ncheck = [1]"]
)
def test_a_value_in_the_place_of_a_table_is_refused(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"tool\.workflow\.check\]: expected a table"):
        config_at(tmp_path)
