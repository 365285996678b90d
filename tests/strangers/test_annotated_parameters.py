"""What annotations and defaults of plain parameters make of a variable."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, NewType, Optional
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, HttpUrl, Json, PlainValidator, PositiveInt, RootModel
from typing_extensions import TypeAliasType, TypedDict

from workflow_devkit.testing import TaskEnvironment


class Line(BaseModel):
    sku: str
    count: int = 1


class Colour(Enum):
    RED = "red"


class Plan(StrEnum):
    FREE = "free"


class Cell(TypedDict):
    x: int


@dataclass
class Record:
    sku: str


class Pair(NamedTuple):
    first: int
    second: int


class Money:
    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return isinstance(other, Money) and other.text == self.text

    __hash__ = None


UserId = NewType("UserId", int)
Sum = TypeAliasType("Sum", Decimal)
CLIENT = object()
KEY = "12345678-1234-5678-1234-567812345678"


def _typed(hint, *default):
    async def handler(value):
        read.append(value)

    read = []
    handler.__annotations__["value"] = hint
    handler.__defaults__ = default
    return handler, read


READ = {
    "a number in a text": (int, "5", 5),
    "a whole float": (int, 5.0, 5),
    "a float": (float, "1.5", 1.5),
    "a flag": (bool, "yes", True),
    "money": (Decimal, 12.5, Decimal("12.5")),
    "a day": (date, "2024-02-29", date(2024, 2, 29)),
    "a moment": (datetime, "2024-02-29T10:00:00Z", datetime(2024, 2, 29, 10, tzinfo=UTC)),
    "a duration": (timedelta, "PT90S", timedelta(seconds=90)),
    "a key": (UUID, KEY, UUID(KEY)),
    "an enum": (Colour, "red", Colour.RED),
    "an enum of texts": (Plan, "free", Plan.FREE),
    "a literal": (Literal["a", "b"], "b", "b"),
    "models in a list": (list[Line], [{"sku": "a"}], [Line(sku="a")]),
    "models by name": (dict[str, Line], {"x": {"sku": "a"}}, {"x": Line(sku="a")}),
    "records in a list": (list[Record], [{"sku": "a"}], [Record("a")]),
    "dictionaries in a list": (list[Cell], [{"x": "1"}], [{"x": 1}]),
    "a pair in a list": (list[Pair], [[1, 2]], [Pair(1, 2)]),
    "a model or a text": (Line | str, "a", "a"),
    "an optional number": (Optional[int], "5", 5),  # noqa: UP045 - as many still write it
    "null": (int | None, None, None),
    "a bound": (Annotated[int, Field(gt=0)], "5", 5),
    "a type of pydantic": (PositiveInt, 5, 5),
    "an address": (HttpUrl, "http://a.example/", HttpUrl("http://a.example/")),
    "a path": (Path, "a/b", Path("a/b")),
    "an ip": (IPv4Address, "127.0.0.1", IPv4Address("127.0.0.1")),
    "a new type": (UserId, "7", 7),
    "an alias": (Sum, "1.5", Decimal("1.5")),
    "a set": (set[str], ["a", "a"], {"a"}),
    "a tuple": (tuple[int, str], [1, "a"], (1, "a")),
    "a bare list": (list, [1, "a"], [1, "a"]),
    "a bare dictionary": (dict, {"a": 1}, {"a": 1}),
    "an iterable": (Iterable[int], ["1"], [1]),
    "a collection or none": (Collection[int] | None, ["1"], [1]),
    "an annotated iterable": (Annotated[Iterable[int], "a note"], ["1"], [1]),
    "a bare iterable": (Iterable, [1], [1]),
    "a mapping": (Mapping[str, Any], {"a": 1}, {"a": 1}),
    "anything": (Any, {"a": [1, None]}, {"a": [1, None]}),
    "an object": (object, "5", "5"),
    "no annotation": (None, "5", "5"),
    "null without annotation": (None, None, None),
    "a class with a validator": (Annotated[Money, PlainValidator(Money)], "5 EUR", Money("5 EUR")),
    "a record by its alias": (Annotated[Record, Field(alias="value")], {"sku": "a"}, Record("a")),
    "a list by its alias": (
        Annotated[RootModel[list[int]], Field(alias="value")], [1], RootModel[list[int]]([1]),
    ),
    "text that holds a model": (
        Annotated[Json[Line], Field(alias="value")], '{"sku": "a"}', Line(sku="a"),
    ),
    "a tree": (dict[str, list[dict[str, Line | None]]], {"a": [{"b": None}]}, {"a": [{"b": None}]}),
}  # fmt: skip


@pytest.mark.parametrize(("hint", "given", "expected"), READ.values(), ids=READ)
async def test_an_annotation_is_validated_as_pydantic_does(hint, given, expected):
    handler, read = _typed(hint)
    if hint is None:
        del handler.__annotations__["value"]
    outcome = await TaskEnvironment().run(handler, scope={"value": given})
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert read == [expected]
    assert type(read[0]) is type(expected)


DEFAULTS = {
    "missing": (int, 7, {}, 7),
    "null": (int, 7, {"value": None}, 7),
    "null where the annotation lies": (int, None, {"value": None}, None),
    "null where None is allowed": (int | None, 7, {"value": None}, None),
    "null where anything is": (Any, 7, {"value": None}, None),
    "null without annotation": (None, 7, {"value": None}, None),
    "missing without annotation": (None, 7, {}, 7),
    "an object where the annotation is data": (int, CLIENT, {}, CLIENT),
    "a variable where the default is an object": (int, CLIENT, {"value": "5"}, 5),
    "null in a union": (int | list[int], 7, {"value": None}, 7),
    "a field": (int, Field(7, gt=0), {}, 7),
    "a field that makes its default": (list[int], Field(default_factory=list), {}, []),
    "a field in the annotation": (Annotated[int, Field(default=7)], None, {}, None),
    "what says nothing of a value": (Final, 7, {}, 7),
    "an enum": (None, Colour.RED, {}, Colour.RED),
}


@pytest.mark.parametrize(("hint", "default", "scope", "expected"), DEFAULTS.values(), ids=DEFAULTS)
async def test_a_default_takes_the_place_of_what_is_missing_or_null(hint, default, scope, expected):
    handler, read = _typed(hint, default)
    if hint is None:
        del handler.__annotations__["value"]
    outcome = await TaskEnvironment().run(handler, scope=scope)
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert read == [expected]


async def test_what_one_job_adds_to_a_default_is_no_other_jobs():
    seen = []

    async def handler(raw=[], typed: list[int] = []):  # noqa: B006 - a stranger's habit
        seen.append([*raw, *typed])
        raw.append(1)
        typed.append(2)

    kit = TaskEnvironment()
    for _ in range(2):
        await kit.run(handler)
    assert seen == [[], []]
