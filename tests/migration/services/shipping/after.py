"""Shipping: handlers in modules, middleware on every level."""

import logging

import after_labels
import after_notify

from workflow_runtime import CallNext, WorkflowBuilder, WorkflowSettings, WorkflowTask

log = logging.getLogger("shipping")


async def log_task(task: WorkflowTask, call_next: CallNext):
    log.info("begins: %s of %s", task.element_id, task.instance_key)
    return await call_next(task)


async def with_customer(task: WorkflowTask, call_next: CallNext):
    """Adds to what the handlers get."""
    customer = {"name": task.scope.get("customerName", "nobody").title()}
    return await call_next(task.with_scope({**task.scope, "customer": customer}))


async def stamp(task: WorkflowTask, call_next: CallNext):
    """Adds to what the handlers give."""
    given = await call_next(task)
    return {**given, f"{task.element_id}By": "shipping"}


builder = WorkflowBuilder("shipping", settings=WorkflowSettings(stream=True))
builder.with_process("process.bpmn").with_middleware(log_task, stamp)
builder.with_middleware(with_customer, variables=["customerName"])
after_labels.register(builder)
after_notify.register(builder)

if __name__ == "__main__":
    builder.serve()
