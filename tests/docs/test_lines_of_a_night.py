"""The table of log lines: each line of it is one that the code writes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/how-to/operate.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## The lines of a night")[2].partition("\n## ")[0]
LINES = re.findall(r"^\| (`.*?) \| [A-Za-z ]+ \|", TABLE, re.MULTILINE)
# Strings that are split over several lines of a file, joined.
SOURCES = re.sub(
    r'"\n\s*f?"|"\n\s+text \+= f?"',
    "",
    "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "runtime/src/workflow_runtime").rglob("*.py")
    ),
)
SHOWN = re.compile(
    r"\w+Error in \w+ \(\w+\.py:\d+\)|in \w+ \(\w+\.py:\d+\)"
    r"|caused by|in the last minute|SIGTERM|s: job"
)


def test_there_is_a_table():
    assert len(LINES) > 12


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_table_is_one_of_the_code(line):
    fixed = [part.strip(" ,:;()`") for part in re.split("…", SHOWN.sub("…", line))]
    words = [part for part in fixed if len(part) > 4]
    assert words
    for part in words:
        assert part in SOURCES, part
