"""A sink of the service's own that raises keeps no notice from people, and no stop from its end."""

from contextlib import contextmanager
from datetime import timedelta

from loguru import logger
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowIncident, WorkflowSettings
from workflow_runtime._log.lines import write_line


@contextmanager
def disk_full():
    def sink(message):
        raise OSError("disk full")

    number = logger.add(sink, catch=False)
    try:
        yield
    finally:
        logger.remove(number)


async def fails(task):
    raise WorkflowIncident("the card is blocked")


async def test_an_incident_is_told_and_the_service_stops():
    told = []
    gateway = EmbeddedGateway(Engine())
    await gateway.deploy([one_task("order", "work")])
    settings = WorkflowSettings(service_name="shop", grace=timedelta(seconds=1))
    made = WorkflowBuilder(gateway=gateway, settings=settings).with_handler("order_work", fails)
    made.with_alerts(lambda notice: told.append(notice.title))
    async with made.running() as workflow:
        with disk_full():
            await workflow.start_process("order")
            await until(lambda: told)
            await workflow.stop()
    assert "Incident in order" in told[0]


def test_a_line_is_written_in_its_callers_name_or_not_at_all():
    found = []
    number = logger.add(lambda line: found.append(line.record), level="INFO")
    with disk_full():
        write_line("INFO", "{} of {}", 1, 2, fields={"alert": "incident"})
    logger.remove(number)
    assert [(each["function"], each["message"], each["extra"]["alert"]) for each in found] == [
        ("test_a_line_is_written_in_its_callers_name_or_not_at_all", "1 of 2", "incident")
    ]
