"""Writes pyzeebe's words into the page about it: ``python -m tools.migration_tables``."""

import re
from itertools import groupby
from pathlib import Path

from workflow_devkit.migration.word import DIFFERS, NONE, PAGE, SAME, Word
from workflow_devkit.migration.words import WORDS

FILE = Path(__file__).resolve().parents[1] / PAGE
_TABLE = re.compile(r"(?<=<!-- words: )([\w-]+)( -->\n).*?(?=<!-- end of words -->)", re.DOTALL)
_EFFORT = {SAME: "same", DIFFERS: "differs", NONE: "nothing"}


def words_of(section: str) -> list[Word]:
    """The words of a section; synchronous clients have those of the others."""
    found = [word for word in WORDS.values() if word.section == section]
    return [word for word in found if not word.name.startswith("SyncZeebeClient.")]


def table(section: str) -> str:
    """A section's words as a table: those that become the same stand in one row."""
    lines = ["| pyzeebe | here | |", "|---|---|---|"]
    for (effort, ours), words in groupby(words_of(section), lambda word: (word.effort, word.ours)):
        names = ", ".join(_name(word) for word in words)
        lines.append(f"| {names} | {ours} | {_EFFORT[effort]} |".replace(" |  | ", " | | "))
    return "\n".join(lines) + "\n"


def _name(word: Word) -> str:
    is_code = " " not in word.shown or word.shown.startswith("job:")
    return f"`{word.shown}`" if is_code else word.shown


def page() -> str:
    """The page with the words as they are."""
    text = FILE.read_text(encoding="utf-8")
    return _TABLE.sub(lambda found: f"{found[1]}{found[2]}{table(found[1])}", text)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
