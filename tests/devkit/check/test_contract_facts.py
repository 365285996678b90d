"""What is read from handlers: needs and gifts from annotations, errors from sources."""

from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    computed_field,
    model_serializer,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from workflow_devkit.check.model_fields import given_by_result
from workflow_devkit.check.published_events import named_events
from workflow_devkit.check.raised_errors import codes_in, codes_of
from workflow_devkit.check.read_service import read_service
from workflow_devkit.check.source_unit import SourceUnit, function_unit
from workflow_runtime import BpmnError, WorkflowBuilder


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    order_id: str
    with_default: int = 1


class Aliased(BaseModel):
    one: str = Field(validation_alias=AliasChoices("first", AliasPath("nested", "x")))
    two: Annotated[str, Field(alias="second")]


class Hidden(BaseModel):
    seen: str
    unseen: str = Field(exclude=True)

    @computed_field
    @property
    def total(self) -> int:
        return 1


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Reshaped(BaseModel):
    one: str

    @model_serializer
    def plain(self) -> dict[str, str]:
        return {"other": self.one}


class Typed(TypedDict):
    price: int


def test_a_model_needs_its_required_fields_by_the_names_that_fill_them():
    def handler(camel: Camel, aliased: Aliased): ...

    builder = WorkflowBuilder("test", "embedded://").with_handler("work", handler)
    facts = read_service(builder.subscriptions, [], {}).handlers["work"]
    assert facts.asks == (("orderId", "order_id"), ("first", "nested"), ("second",))


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (None, set()),
        (Camel, {"orderId", "withDefault"}),
        (Hidden, {"seen", "total"}),
        (Typed, {"price"}),
        (Typed | None, {"price"}),
        (Annotated[Typed, "a note"], {"price"}),
        (RootModel[Typed], {"price"}),
        (RootModel[dict[str, int]], None),
        (Typed | Hidden, {"price", "seen", "total"}),
        (Open, None),
        (Reshaped, None),
        (Typed | dict[str, int], None),
        (dict[str, int], None),
    ],
)
def test_a_result_gives_what_its_annotation_says(hint, expected):
    assert given_by_result(hint) == (None if expected is None else frozenset(expected))


class Code(StrEnum):
    GONE = "GONE"


class Refused(BpmnError):
    def __init__(self, amount: int) -> None:
        super().__init__("REFUSED", f"{amount}")


class Passed(BpmnError):
    pass


CONSTANT = "CONSTANT"


class Handler:
    OWN = "OWN"

    def handle(self) -> None:
        self.deeper(1)

    def deeper(self, times: int) -> None:
        if times:
            self.handle()
        raise BpmnError(self.OWN)


def by_literal():
    raise BpmnError("LITERAL", "why")


def by_constant():
    raise BpmnError(code=CONSTANT)


def by_member():
    raise BpmnError(Code.GONE)


def by_own_type():
    raise Refused(3)


def by_type_that_hands_on():
    raise Passed("PASSED")


def by_helper():
    by_literal()


def at_run_time(CONSTANT: str = "x"):  # noqa: N803 - hides the one of the module
    raise BpmnError(CONSTANT)


def enclosing():
    code = "ENCLOSED"

    def handler():
        raise BpmnError(code)

    return handler


@pytest.mark.parametrize(
    ("function", "codes"),
    [
        (by_literal, {"LITERAL"}),
        (by_constant, {"CONSTANT"}),
        (by_member, {"GONE"}),
        (by_own_type, {"REFUSED"}),
        (by_type_that_hands_on, {"PASSED"}),
        (by_helper, {"LITERAL"}),
        (Handler().handle, {"OWN"}),
        (enclosing(), {"ENCLOSED"}),
        (at_run_time, set()),
        (len, set()),
    ],
)
def test_codes_are_read_from_the_source(function, codes):
    assert codes_of(function) == codes


def test_a_code_that_depends_on_the_run_makes_the_rest_unknown():
    literal, late = function_unit(by_literal), function_unit(at_run_time)
    assert codes_in([literal]) == {"LITERAL"}
    assert codes_in([literal, late]) is None


async def publishing(workflow, event):
    await workflow.publish_event("order_paid", correlation_key="1")
    workflow.publish_later(Code.GONE)
    await workflow.publish_event(event)


def test_events_that_are_named_where_they_are_published_are_found():
    unit = function_unit(publishing)
    assert isinstance(unit, SourceUnit)
    assert {event.name for event in named_events([unit])} == {"order_paid", "GONE"}
