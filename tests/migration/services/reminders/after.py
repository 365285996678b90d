"""Reminders: handlers that talk to the engine by the task that they are given."""

from workflow_runtime import BpmnError, WorkflowBuilder, WorkflowTask

builder = WorkflowBuilder("reminders").with_process("process.bpmn")


async def answer(task: WorkflowTask, reminder_id: str, text: str) -> bool:
    """Whether it is news."""
    event = await task.workflow.publish_event(
        "customer-answers",
        correlation_key=reminder_id,
        scope={"answer": text},
        time_to_live=60,
        event_id=f"answer-{reminder_id}",
    )
    return not event.duplicate


@builder.task("remind-customer")
async def remind_customer(
    task: WorkflowTask, reminderId: str, tries: int = 0, withdrawn: bool = False
):
    if withdrawn:
        await task.workflow.cancel_process(task.instance_key)
        return {"never": "seen"}
    if tries > 2:
        raise BpmnError("GIVEN_UP", f"{tries} times are enough")
    first = await answer(task, reminderId, "yes")
    second = await answer(task, reminderId, "no")
    return {"tries": tries + 1, "news": [first, second]}


@builder.task("close-reminder")
async def close_reminder(answer: str, reminderId: str):
    return {"closed": f"{reminderId}: {answer}"}


if __name__ == "__main__":
    builder.serve()
