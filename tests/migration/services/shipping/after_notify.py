"""What customers are told."""

from datetime import timedelta

from workflow_runtime import CallNext, WorkflowBuilder, WorkflowTask


async def dry_run(task: WorkflowTask, call_next: CallNext):
    print(f"would notify about {dict(task.scope)}")
    return await call_next(task)


async def notify_customer(customer, packed, phone=None):
    if phone == "none":
        raise ValueError(f"{customer['name']} has no phone")
    return {"told": f"{packed} is on its way"}


def register(builder: WorkflowBuilder) -> None:
    at_once = timedelta(0)
    builder.task("notify-customer", middleware=[dry_run], retry_timeout=at_once)(notify_customer)
