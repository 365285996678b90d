"""What a model fetches is what it reads, and its variables are validated as the JSON they are."""

import base64
import dataclasses
import enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NotRequired, Optional, TypeVar
from uuid import UUID

import pydantic.dataclasses
import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from tests.strangers.at_work import service
from typing_extensions import TypedDict

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowTask
from workflow_runtime.handlers import ScopeType

Item = TypeVar("Item")


class Card(BaseModel):
    kind: Literal["card"]
    number: str


class Cash(BaseModel):
    kind: Literal["cash"]
    coins: int = 0


class Before(BaseModel):
    total: int

    @model_validator(mode="before")
    @classmethod
    def add(cls, data: Any) -> Any:
        return {"total": data["net"] + data["tax"]}


class Wrapped(BaseModel):
    total: int

    @model_validator(mode="wrap")
    @classmethod
    def add(cls, data: Any, handler: Any) -> Any:
        return handler({"total": data["net"] + data["tax"]})


class After(BaseModel):
    total: int
    note: str = Field("", alias="remark")

    @model_validator(mode="after")
    def look(self):
        return self

    @field_validator("total", mode="before")
    @classmethod
    def read(cls, value: Any) -> Any:
        return value


class Inherited(Before):
    more: int = 0


class Starting(BaseModel):
    total: int

    def __init__(self, **data: Any) -> None:
        super().__init__(total=data["net"] + data["tax"])


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    total: int


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    order_id: str
    unit_price: int = 0


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    order_id: str = Field(alias="orderId")


class Choices(BaseModel):
    one: str = Field(validation_alias=AliasChoices("first", AliasPath("nested", "x"), "third"))
    two: str = Field(validation_alias=AliasPath("address", "city"))
    three: str = Field("", serialization_alias="other")


class Page(BaseModel, Generic[Item]):
    items: list[Item]


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Typed(TypedDict):
    name: str
    rest: NotRequired[int]


@pydantic.dataclasses.dataclass
class Record:
    name: str
    rest: int = Field(0, alias="remainder")
    made: str = dataclasses.field(default="here", init=False)


def _add(data: Any) -> Any:
    return {"kind": "cash", "coins": data["net"]}


Payment = Annotated[Card | Cash, Field(discriminator="kind")]
ByCode = Annotated[
    Annotated[Card, Tag("card")] | Annotated[Cash, Tag("cash")],
    Discriminator(lambda data: "card" if "number" in data else "cash"),
]
EVERYTHING = None
FETCHED = {
    "fields": (Card, {"kind", "number"}),
    "a generator of aliases": (Camel, {"orderId", "unitPrice"}),
    "alias and name": (ByName, {"orderId", "order_id"}),
    "choices and paths": (Choices, {"first", "nested", "third", "address", "three"}),
    "validators behind": (After, {"total", "remark"}),
    "a generic": (Page[int], {"items"}),
    "a tree": (Tree, {"name", "children"}),
    "an optional tree": (Tree | None, {"name", "children"}),
    "a typed dictionary": (Typed, {"name", "rest"}),
    "a dataclass of pydantic": (Record, {"name", "remainder"}),
    "a union": (Card | Cash, {"kind", "number", "coins"}),
    "a discriminated union": (Payment, {"kind", "number", "coins"}),
    "an optional one": (Optional[Payment], {"kind", "number", "coins"}),  # noqa: UP045 - as written
    "a root of a union": (RootModel[Payment], {"kind", "number", "coins"}),
    "a root of a model": (RootModel[Card], {"kind", "number"}),
    "a union that code decides": (ByCode, EVERYTHING),
    "a union with an open model": (Card | Open, EVERYTHING),
    "a root of a dictionary": (RootModel[dict[str, int]], EVERYTHING),
    "a root of either": (RootModel[dict[str, int] | list[int]], EVERYTHING),
    "a root of anything": (RootModel[Any], EVERYTHING),
    "a validator before": (Before, EVERYTHING),
    "a validator around": (Wrapped, EVERYTHING),
    "a validator of the base": (Inherited, EVERYTHING),
    "a constructor": (Starting, EVERYTHING),
    "any more": (Open, EVERYTHING),
    "an annotated validator": (Annotated[Cash, BeforeValidator(_add)], EVERYTHING),
    "an annotated one around": (
        Annotated[Cash, WrapValidator(lambda data, handler: handler(_add(data)))],
        EVERYTHING,
    ),
    "a root with a validator": (RootModel[Annotated[Cash, BeforeValidator(_add)]], EVERYTHING),
}


def _fetch(hint, config=None, **more):
    async def handler(scope):
        pass

    handler.__annotations__ = {"scope": hint, **more}
    builder = WorkflowBuilder("test", "embedded://").with_handler("task", handler, config)
    found = builder.subscriptions[0].handler.fetch
    return None if found is None else set(found)


@pytest.mark.parametrize(("hint", "names"), FETCHED.values(), ids=FETCHED)
def test_a_type_fetches_what_it_reads_and_everything_where_that_is_not_sure(hint, names):
    assert _fetch(hint) == names


def test_variables_of_the_configuration_come_besides():
    config = TaskHandlerConfig(variables=["plan"])
    assert _fetch(Card, config) == {"kind", "number", "plan"}
    assert _fetch(Before, config) is EVERYTHING


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


STRICT = ConfigDict(strict=True)


class Strict(BaseModel):
    model_config = STRICT
    amount: Decimal
    day: date
    at: datetime
    span: timedelta
    colour: Colour
    level: Level
    pair: tuple[int, str]
    tags: set[str]
    frozen: frozenset[int]
    key: UUID
    raw: bytes
    by_number: dict[int, str]
    card: Card
    late: date | None = None


class StrictField(BaseModel):
    day: Annotated[date, Field(strict=True)]


class Encoded(BaseModel):
    model_config = ConfigDict(val_json_bytes="base64")
    raw: bytes


GIVEN = {
    "amount": "12.50", "day": "2024-02-29", "at": "2024-02-29T10:00:00Z", "span": "PT90S",
    "colour": "red", "level": 3, "pair": [1, "a"], "tags": ["a", "a"], "frozen": [1],
    "key": "12345678-1234-5678-1234-567812345678", "raw": "text", "by_number": {"1": "one"},
    "card": {"kind": "card", "number": "7"}, "late": None,
}  # fmt: skip


async def test_strict_models_take_json_for_json():
    seen = []

    async def handler(scope: Strict, day: StrictField, encoded: Encoded, task: WorkflowTask):
        seen.append((scope, day, encoded))

    async with service(handler) as play:
        raw = base64.b64encode(b"text").decode()
        outcome = await play({**GIVEN, "raw": raw})
    assert (outcome.kind, outcome.message) == ("completed", "")
    scope, day, encoded = seen[0]
    assert scope == Strict(
        amount=Decimal("12.50"), day=date(2024, 2, 29), at=datetime(2024, 2, 29, 10, tzinfo=UTC),
        span=timedelta(seconds=90), colour=Colour.RED, level=Level.HIGH, pair=(1, "a"),
        tags={"a"}, frozen=frozenset({1}), key=UUID(GIVEN["key"]), raw=raw.encode(),
        by_number={1: "one"}, card=Card(kind="card", number="7"),
    )  # fmt: skip
    assert (day.day, encoded.raw) == (date(2024, 2, 29), b"text")


async def test_a_strict_model_still_refuses_what_json_does_not_hold():
    class Number(BaseModel):
        model_config = STRICT
        amount: int

    async def handler(scope: Number):
        pass

    async with service(handler) as play:
        outcome = await play({"amount": "3"})
    assert outcome.kind == "incident"
    assert outcome.message == (
        "the scope does not fit Number:\namount: Input should be a valid integer (int_type)"
    )


READ = {
    "a validator before": (Before, {"net": 2, "tax": 1}, {"total": 3}),
    "a validator around": (Wrapped, {"net": 2, "tax": 1}, {"total": 3}),
    "a constructor": (Starting, {"net": 2, "tax": 1}, {"total": 3}),
    "a union": (Payment, {"kind": "card", "number": "7", "x": 1}, {"kind": "card", "number": "7"}),
    "a union by code": (ByCode, {"kind": "cash", "coins": 7}, {"kind": "cash", "coins": 7}),
    "paths": (Choices, {"nested": {"x": "a"}, "address": {"city": "b"}}, {"one": "a", "two": "b"}),
    "any more": (Open | None, {"total": 1, "more": 2}, {"total": 1, "more": 2}),
    "a root": (RootModel[dict[str, int]], {"a": 1, "b": 2}, {"a": 1, "b": 2}),
    "a generic": (Page[Cash], {"items": [{"kind": "cash"}]}, {"items": [{"kind": "cash"}]}),
}


@pytest.mark.parametrize(("hint", "given", "read"), READ.values(), ids=READ)
async def test_a_handler_is_given_all_that_its_type_reads(hint, given, read):
    seen = []

    async def handler(scope):
        seen.append(scope.model_dump(exclude_defaults=True))

    handler.__annotations__["scope"] = hint
    async with service(handler) as play:
        outcome = await play(given)
    assert (outcome.kind, outcome.message) == ("completed", "")
    assert seen == [read]


async def test_an_error_names_the_model_though_it_is_optional():
    async def handler(scope: Card | None = None):
        pass

    async with service(handler) as play:
        outcome = await play({"kind": "card"})
    assert outcome.message == "the scope does not fit Card:\nnumber: Field required (missing)"


def test_nesting_deeper_than_pydantic_reads_json_is_given_all_the_same():
    deep = leaf = []
    for _ in range(230):
        leaf.append([])
        leaf = leaf[0]

    class Deep(BaseModel):
        tree: Any

    # Other clients may have made such a scope.
    assert ScopeType("handler", "scope", Deep).validate({"tree": deep}).tree == deep
