"""User tasks that a service works on itself, by the task type that Zeebe gives them."""

import asyncio
from typing import TypedDict

import pytest
from loguru import logger
from pydantic import BaseModel
from tests.support.diagrams import bpmn

from workflow_devkit.check.check_config import CheckConfig
from workflow_devkit.check.service_findings import check_service
from workflow_devkit.testing import assert_contract, assert_that
from workflow_runtime import BpmnError, WorkflowBuilder

TYPE = "io.camunda.zeebe:userTask"
ONE = """
    start s
    user approve
    end e
    s -> approve -> e
"""
REFUSED = f"""{ONE}
    boundary refused on=approve error=refused
    end no
    refused -> no
"""


class Approval(TypedDict):
    approved: bool


class Approved(BaseModel):
    approved: bool


async def approve() -> Approval:
    return {"approved": True}


async def wave_through() -> None:
    pass


async def refuse() -> None:
    raise BpmnError("refused")


async def charge(scope: Approved) -> None:
    del scope


@pytest.fixture
def service(tmp_path):
    def make(text, **handlers):
        path = tmp_path / "order.bpmn"
        path.write_bytes(bpmn(text, "order"))
        builder = WorkflowBuilder("orders", "embedded://").with_process(path)
        for job_type, handler in handlers.items():
            builder.with_handler({"user": TYPE}.get(job_type, job_type), handler)
        return builder

    return make


def rules(builder, **config):
    return [finding.rule for finding in check_service(builder, CheckConfig(**config))]


def test_a_handler_for_user_tasks_is_not_idle(service):
    builder = service(ONE, user=approve)
    assert rules(builder) == []
    assert_contract(builder)


def test_user_tasks_without_a_handler_are_for_people(service):
    assert rules(service(ONE)) == []
    assert rules(service(ONE).with_external(TYPE)) == []


def test_a_handler_is_idle_where_no_user_task_makes_a_job(service):
    assert rules(service("start s\nend e\ns -> e", user=approve)) == ["idle-handler"]


def test_errors_of_a_handler_for_user_tasks_are_compared(service):
    assert rules(service(ONE, user=refuse)) == ["uncaught-error"]
    assert rules(service(REFUSED, user=refuse)) == []


def test_whoever_else_works_on_a_user_task_may_raise_any_error(service):
    assert rules(service(REFUSED)) == []


def test_variables_of_a_handler_for_user_tasks_are_known(service):
    text = """
        start s
        user approve
        service charge job=order_charge
        end e
        s -> approve -> charge -> e
    """
    sure = {"starts": {"order": f"{__name__}:Nothing"}}
    assert rules(service(text, user=approve, order_charge=charge), **sure) == []
    found = rules(service(text, user=wave_through, order_charge=charge), **sure)
    assert found == ["missing-variable"]


class Nothing(BaseModel):
    pass


async def test_a_service_that_works_on_its_user_tasks_starts_without_a_warning(service):
    warnings = []
    number = logger.add(lambda line: warnings.append(str(line)), level="WARNING")
    async with service(ONE, user=approve).running() as workflow:
        # The comparison runs in a thread beside the start.
        checks = [each for each in asyncio.all_tasks() if "OwnThreads" in repr(each.get_coro())]
        assert checks
        await asyncio.gather(*checks)
        assert await workflow.start_process_and_wait("order") == {"approved": True}
    logger.remove(number)
    assert warnings == []


async def test_the_kit_runs_it_like_any_other(service, process_environment):
    async with process_environment(service(ONE, user=approve)) as process:
        instance = await process.start("order")
        await process.wait_idle()
        assert_that(instance).is_completed().has_scope(approved=True)
