"""Models whose fields were given another type later: pydantic's warning of it shows the value."""

import warnings
from datetime import timedelta
from typing import ClassVar

import pytest
from pydantic import BaseModel
from tests.support.one_handler import end_of

from workflow_devkit.testing import TaskEnvironment
from workflow_runtime import BpmnError, WorkflowEvent
from workflow_runtime.publishing.model import make_event

CARD = "4111 1111"


class Line(BaseModel):
    number: int = 0


class Charge(BaseModel):
    number: int = 0
    line: Line = Line()


class Charged(WorkflowEvent):
    event_name: ClassVar[str] = "order_charged"
    key_field: ClassVar[str | None] = "number"
    number: int = 0


def changed(model):
    # As pydantic has it by default: nothing is checked again.
    model.number = CARD
    return model


async def returns(task):
    return changed(Charge())


async def returns_one_inside(task):
    return Charge(line=changed(Line()))


async def returns_one_in_a_list(task):
    return {"lines": [changed(Line())]}


async def throws(task):
    raise BpmnError("card", "declined", changed(Charge()))


@pytest.fixture(params=["always", "error"])
def said(request):
    """What is warned of, where warnings are shown and where they are errors."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.filterwarnings(request.param, "Pydantic")
        yield caught


@pytest.mark.parametrize("handler", [returns, returns_one_inside, returns_one_in_a_list, throws])
async def test_a_handler_s_end_has_the_value_and_no_warning_shows_it(handler, said):
    end = await end_of(handler)
    assert end.intent == ("ERROR_THROWN" if handler is throws else "COMPLETED")
    assert CARD in str(end.variables)
    assert not said


@pytest.mark.parametrize("handler", [returns, returns_one_inside, returns_one_in_a_list, throws])
async def test_the_kit_shows_the_same(handler, said):
    outcome = await TaskEnvironment().run(handler)
    assert outcome.kind == ("bpmn_error" if handler is throws else "completed")
    assert CARD in str(outcome.scope)
    assert not said


def test_an_event_has_the_value_and_no_warning_shows_it(said):
    event = make_event(changed(Charged()), default_ttl=timedelta(hours=1))
    assert (event.correlation_key, event.scope) == (CARD, {"number": CARD})
    assert not said
