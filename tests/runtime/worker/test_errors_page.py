"""The reference page of errors names every error there is, and no other."""

import re
from pathlib import Path

from workflow_runtime import errors

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "errors.md"
RAISED, SIGNALS = PAGE.read_text(encoding="utf-8").split("\n## ")[1:3]


def below(base):
    found = {c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, base)}
    return {c.__name__ for c in found} - {base.__name__}


def first_cells(text):
    return re.findall(r"^\| `([A-Z]\w+)", text, re.MULTILINE)


def test_every_error_for_users_has_a_row():
    assert set(first_cells(RAISED)) == below(errors.WorkflowError)


def test_every_signal_of_handlers_has_a_row():
    assert set(first_cells(SIGNALS)) == below(errors.HandlerSignal)
