"""Parameters of pyzeebe's handlers that mean something else here are told apart."""

import pytest

from workflow_devkit.migration import migration_report

HEAD = """
import enum
from dataclasses import dataclass
from typing import Any, Optional, TypedDict
from pydantic import BaseModel
from pyzeebe import ZeebeTaskRouter
from elsewhere import Elsewhere
router = ZeebeTaskRouter()
class Line(TypedDict): sku: str
class Order(BaseModel): lines: list[Line]
@dataclass
class Price: rate: float
class Colour(enum.Enum): RED = "red"
class Size(str, enum.Enum): BIG = "big"
"""
CLASS = "a pydantic model or a TypedDict alone takes all variables together"
ANNOTATED = "a value that does not fit its annotation is an incident"
BARE = "the same: each is the variable of its name"
CALLED = 'task: Annotated[Any, Field(alias="task")]'
WORDS = {
    "order: Order": CLASS,
    "line: Line": CLASS,
    "price: Price = None": CLASS,
    "order: 'Order'": CLASS,
    "order: Order | None": CLASS,
    "order: Optional[Order] = None": CLASS,
    "order: 'Order | None' = None": CLASS,
    "lines: list[Line]": ANNOTATED,
    "orders: dict[str, Order]": ANNOTATED,
    "colour: Colour": ANNOTATED,
    "size: Size = Size.BIG": ANNOTATED,
    "other: Elsewhere": ANNOTATED,
    "number: int | None": ANNOTATED,
    "task: str": ANNOTATED,
    "task: dict": ANNOTATED,
    "task": CALLED,
    "task=None": CALLED,
    "task: Any": CALLED,
    "task: object = 1": CALLED,
    "*, task": CALLED,
    "number": BARE,
    "number: Any = 1": BARE,
    "job": BARE,
    "note: 'the amount, in euros'": ANNOTATED,
}


def _said(code, tmp_path):
    file = tmp_path / "service.py"
    file.write_text(HEAD + code)
    return " ".join(finding.remedy for finding in migration_report([file]).findings)


@pytest.mark.parametrize("parameter", WORDS)
def test_a_parameter_is_told_what_it_becomes(parameter, tmp_path):
    said = _said(f"@router.task('a')\nasync def a({parameter}): ...\n", tmp_path)
    assert [word for word in (CLASS, ANNOTATED, BARE, CALLED) if word in said] == [WORDS[parameter]]


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        ("'m'", True),
        ("'m', 500", True),
        ("'m', retry_back_off_ms=500", True),
        ("'m', variables={'a': 1}", False),
        ("'m', 0, {'a': 1}", False),
        ("message='m', retry_back_off_ms=1, variables=job.variables", False),
    ],
)
def test_variables_of_a_failed_attempt_have_nothing_in_their_place(arguments, keeps, tmp_path):
    code = (
        "async def fail(error, job, controller):\n"
        f"    await controller.set_failure_status({arguments})\n"
        "@router.task('a', exception_handler=fail)\nasync def a(x): ...\n"
    )
    said = _said(code, tmp_path)
    assert ("those of a failed attempt are not sent" in said) is not keeps
