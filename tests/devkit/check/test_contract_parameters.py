"""Plain parameters are asked for like fields of models, behind input mappings too."""

from decimal import Decimal
from typing import Annotated, Any, Optional

import pytest
from pydantic import BaseModel, BeforeValidator, Field
from tests.support.diagrams import bpmn
from typing_extensions import TypeAliasType

from workflow_devkit.check.check_config import CheckConfig
from workflow_devkit.check.service_findings import check_service
from workflow_runtime import WorkflowBuilder, WorkflowTask

TWO = """
    start s
    service reserve job=order_reserve
    service charge job=order_charge {mapping}
    end e
    s -> reserve -> charge -> e
"""


class Reserved(BaseModel):
    order_id: int = Field(alias="orderId")
    items: list[str] = []


async def reserve() -> Reserved: ...


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def check(charge, mapping="", text=TWO):
        (tmp_path / "order.bpmn").write_bytes(bpmn(text.format(mapping=mapping), "order"))
        builder = WorkflowBuilder("test", "embedded://").with_process("order.bpmn")
        builder.with_handler("order_charge", charge).with_handler("order_reserve", reserve)
        return [(each.rule, each.message) for each in check_service(builder, CheckConfig())]

    return check


async def needing(amount) -> None: ...


async def needing_a_number(amount: Decimal) -> None: ...


async def needing_by_alias(paid: Annotated[int, Field(alias="amount")]) -> None: ...


async def needing_beside_all(task: WorkflowTask, orderId, *, amount, **rest) -> None: ...  # noqa: N803


def needing_in_a_thread(amount: int) -> None: ...


NEEDING = [
    *(needing, needing_a_number, needing_by_alias, needing_beside_all, needing_in_a_thread),
]


@pytest.mark.parametrize("handler", NEEDING, ids=lambda each: each.__name__)
def test_a_parameter_that_nobody_sets_is_found(found, handler):
    ((rule, message),) = found(handler)
    assert rule == "start-variables"
    assert "'amount'" in message


async def default(amount=None) -> None: ...


async def lying_default(amount: int = None) -> None: ...  # noqa: RUF013 - a stranger's habit


async def field_default(amount: Annotated[int, Field()] = Field(3)) -> None: ...


async def rest(**rest) -> None: ...


async def set_before(orderId, items: list[str]) -> None: ...  # noqa: N803


async def from_the_task(task, client=object) -> None: ...


@pytest.mark.parametrize(
    "handler",
    [default, lying_default, field_default, rest, set_before, from_the_task],
    ids=lambda each: each.__name__,
)
def test_what_has_a_default_is_set_or_takes_the_rest_is_not(found, handler):
    assert found(handler) == []


def test_a_parameter_is_found_under_almost_the_same_name(found):
    async def handler(order_id) -> None: ...

    ((rule, message),) = found(handler)
    assert rule == "misspelt-variable"
    assert "asks for 'order_id'; nothing sets that before, but 'orderId' is set" in message


BEHIND = {
    "a variable": "=total",
    "a path": "=total.net",
    "an expression": "=string(total)",
    "a sum": "=total+1",
}


@pytest.mark.parametrize("source", BEHIND.values(), ids=BEHIND)
@pytest.mark.parametrize("handler", [needing, needing_a_number], ids=lambda each: each.__name__)
def test_a_parameter_that_nobody_sets_is_found_behind_an_input_mapping(found, handler, source):
    ((rule, message),) = found(handler, f"in.amount={source}")
    assert rule == "start-variables"
    assert "'total'" in message


def test_a_field_of_a_model_is_found_behind_an_input_mapping_too(found):
    class Amount(BaseModel):
        amount: int

    async def handler(scope: Amount) -> None: ...

    ((rule, message),) = found(handler, "in.amount==total")
    assert (rule, "'total'" in message) == ("start-variables", True)


SET = {
    "by a result": "in.amount==orderId",
    "by a path of a result": "in.amount==items[1]",
    "by the diagram": "in.amount=3",
    "by an expression": "in.amount==1+2",
    "by a default of the diagram": "'in.amount==if total=null then 1 else total'",
    "by several variables": "in.amount==total+tax",
    "by a part of it": "in.amount.net==total",
    "by a mapping before": "in.total==orderId in.amount==total",
}


@pytest.mark.parametrize("mapping", SET.values(), ids=SET)
def test_what_a_mapping_has_from_elsewhere_is_set(found, mapping):
    assert found(needing, mapping) == []


def test_mappings_are_followed_from_one_to_the_next_and_outwards(found):
    text = """
        start s
        sub box in.total==sum
            start in
            service charge job=order_charge in.price==total in.amount==price
            end out
            in -> charge -> out
        service reserve job=order_reserve
        end e
        s -> box -> reserve -> e
    """
    ((rule, message),) = found(needing, text=text)
    assert (rule, "'sum'" in message) == ("start-variables", True)


def test_a_mapping_that_comes_too_early_names_both_variables(found):
    text = """
        start s
        service charge job=order_charge in.amount==orderId
        service reserve job=order_reserve
        end e
        s -> charge -> reserve -> e
    """
    ((rule, message),) = found(needing, text=text)
    assert rule == "late-variable"
    assert "asks for 'amount', which an input mapping makes of 'orderId'; it is set" in message


def test_a_mapping_of_a_misspelt_variable_names_both(found):
    ((rule, message),) = found(needing, "in.amount==order_id")
    assert rule == "misspelt-variable"
    assert "makes of 'order_id'; nothing sets that before, but 'orderId' is set" in message


def test_the_targets_own_spelling_is_no_slip(found):
    async def handler(total_amount) -> None: ...

    ((rule, _),) = found(handler, "in.total_amount==totalAmount")
    assert rule == "start-variables"


Maybe = TypeAliasType("Maybe", int | None)


async def optional(amount: Optional[int]) -> None: ...  # noqa: UP045 - as many still write it


async def union(amount: int | str | None) -> None: ...


async def alias(amount: Maybe) -> None: ...


async def by_code(amount: Annotated[int, BeforeValidator(lambda value: value or 0)]) -> None: ...


@pytest.mark.parametrize(
    "handler", [optional, union, alias, by_code], ids=lambda each: each.__name__
)
def test_who_takes_null_needs_nothing_behind_a_mapping(found, handler):
    assert found(handler, "in.amount==total") == []
    assert [rule for rule, _ in found(handler)] == ["start-variables"]


async def anything(amount: Any) -> None: ...


def test_who_says_nothing_of_null_needs_it(found):
    assert [rule for rule, _ in found(anything, "in.amount==total")] == ["start-variables"]
