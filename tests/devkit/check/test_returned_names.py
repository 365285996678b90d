"""What handlers without a telling annotation give, by the dictionaries that they return."""

import functools
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict
from tests.support.diagrams import bpmn

from workflow_devkit.check.returned_names import given_by_source
from workflow_devkit.check.service_findings import check_service
from workflow_runtime import WorkflowBuilder


class Reserved(BaseModel):
    price: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


KEY = "price"


class Names(str, Enum):  # noqa: UP042 - as many write it
    PRICE = "price"


def wrapping(function):
    @functools.wraps(function)
    def wrapper(*args, **named):
        return {**function(*args, **named), "more": 1}

    return wrapper


async def literal(order_id):
    return {"price": 1, "sum": order_id}


async def several(order_id):
    if order_id:
        return {"price": 1}
    for each in order_id:
        try:
            return {"sum": each}
        finally:
            pass
    return None


async def either(order_id):
    return {"price": 1} if order_id else dict(sum=2)  # noqa: C408 - as many write it


async def nothing(order_id):
    order_id.append(1)


async def inner(order_id):
    def within():
        return order_id

    within(lambda: order_id)
    return {"price": 1}


async def constant(order_id):
    return {KEY: 1}


async def member(order_id):
    return {Names.PRICE: 1}


async def model(order_id):
    return Reserved(price=1)


class Handlers:
    async def method(self, order_id) -> dict[str, Any]:
        return {"price": 1}

    async def __call__(self, order_id):
        return {"price": 1}


KNOWN = {
    "a literal": (literal, {"price", "sum"}),
    "several": (several, {"price", "sum"}),
    "either": (either, {"price", "sum"}),
    "nothing": (nothing, set()),
    "a function within": (inner, {"price"}),
    "a constant": (constant, {"price"}),
    "a member of an enum": (member, {"price"}),
    "a model": (model, {"price"}),
    "a method": (Handlers().method, {"price"}),
}


@pytest.mark.parametrize(("handler", "names"), KNOWN.values(), ids=KNOWN)
def test_the_source_tells_what_is_returned(handler, names):
    assert given_by_source(handler) == names


async def unpacked(order_id):
    return {**order_id, "price": 1}


async def computed(order_id):
    return {order_id: 1}


async def named(order_id):
    result = {"price": 1}
    result[order_id] = 2
    return result


async def one_of_them(order_id):
    return {"price": 1} if order_id else order_id


async def called(order_id):
    return named(order_id)


async def keywords(order_id):
    return dict(**order_id)


async def open_model(order_id):
    return Open(a=1)


UNKNOWN = [unpacked, computed, named, one_of_them, called, keywords, open_model, wrapping(literal)]


@pytest.mark.parametrize(
    "handler", [*UNKNOWN, lambda order_id: {"price": order_id}, len], ids=lambda each: each.__name__
)
def test_nothing_is_known_of_what_is_written_in_another_way(handler):
    assert given_by_source(handler) is None


DIAGRAM = """
    start s
    service reserve job=order_reserve
    service charge job=order_charge
    end e
    s -> reserve -> charge -> e
"""


def test_a_parameter_that_nobody_sets_is_found_behind_handlers_without_annotations(tmp_path):
    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    builder = WorkflowBuilder("test", "embedded://").with_process(tmp_path / "order.bpmn")

    @builder.task("order_reserve")
    async def reserve(order_id):
        return {"grandTotal": 1}

    @builder.task("order_charge")
    async def charge(order_id, grand_total, card=None):
        return {"paid": True}

    start, slip = check_service(builder)
    assert (start.rule, slip.rule) == ("start-variables", "misspelt-variable")
    assert "'grand_total'; nothing sets that before, but 'grandTotal' is set" in slip.message
    assert "'order_id'" in start.message


class Sold(Reserved):
    card: str


async def lying() -> None:
    return {"card": 1}


async def of_a_subclass() -> Reserved:
    return Sold(price=1, card="4")


async def setting(task):
    await task.workflow.set_scope(task.instance_key, {"card": 1})
    return {"price": 1}


@pytest.mark.parametrize("reserve", [lying, of_a_subclass, setting])
def test_what_a_handler_sets_beside_its_annotation_is_not_missed(tmp_path, reserve):
    async def charge(card): ...

    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    builder = WorkflowBuilder("test", "embedded://").with_process(tmp_path / "order.bpmn")
    builder.with_handler("order_reserve", reserve).with_handler("order_charge", charge)
    assert not check_service(builder)
