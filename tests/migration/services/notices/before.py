"""Notices: what goes wrong is written down, and no more than that."""

import asyncio
import datetime
import logging
import os

from pyzeebe import Job, JobController, ZeebeWorker, create_insecure_channel

logger = logging.getLogger(__name__)


async def only_log(exception: Exception, job: Job, job_controller: JobController) -> None:
    logger.error("job %s failed: %s", job.key, exception)


async def on_error(exception: Exception, job: Job, job_controller: JobController):
    """As an older page of the library's documentation has it."""
    print(exception)
    await job_controller.set_error_status(job, f"Failed to handle job {job}. Error: {exception}")


async def main():
    channel = create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"])
    worker = ZeebeWorker(channel)

    @worker.task(task_type="render-notice", exception_handler=only_log, timeout_ms=1000)
    async def render_notice(template: str, name: str = "customer"):
        if "{" not in template:
            raise ValueError(f"{template!r} has no place for a name")
        return {"text": template.format(name=name)}

    @worker.task(task_type="send-notice", exception_handler=on_error, timeout_ms=1000)
    async def send_notice(text: str, channel: str = "mail"):
        if channel not in {"mail", "post"}:
            raise LookupError(f"no channel {channel}")
        return {"sentBy": channel}

    @worker.task(task_type="stamp-notice", timeout_ms=1000)
    async def stamp_notice(raw: bool = False):
        moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
        return {"sentAt": moment if raw else moment.isoformat()}

    @worker.task(task_type="log-notice")
    async def log_notice(job: Job):
        try:
            rows = {"ok": 1}[job.variables["ledger"]]
        except Exception as e:
            logger.exception("not written down")
            return {"logged": False, "error": f"{type(e).__name__}: {e}"}
        return {"logged": True, "rows": rows}

    await worker.work()


if __name__ == "__main__":
    asyncio.run(main())
