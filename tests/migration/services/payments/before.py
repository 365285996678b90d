"""Payments: what becomes of an exception is said by exception handlers."""

import asyncio
import logging
import os

from pyzeebe import (
    Job,
    JobController,
    ZeebeWorker,
    create_insecure_channel,
    default_exception_handler,
)
from pyzeebe.errors import BusinessError

logger = logging.getLogger("payments")
reserved = set()


class LimitExceeded(BusinessError):
    def __init__(self, amount):
        super().__init__("LIMIT", f"{amount} is above the limit")


class CardDeclined(Exception):
    def __init__(self, reason):
        super().__init__(f"declined: {reason}")
        self.reason = reason


class LedgerClosed(Exception):
    pass


async def fail(exc: Exception, job: Job, job_controller: JobController) -> None:
    """For every task without a handler of its own."""
    if isinstance(exc, BusinessError):
        await default_exception_handler(exc, job, job_controller)
        return
    logger.exception("%s failed", job.type, exc_info=exc)
    await job_controller.set_failure_status(f"Failed to run {job.type}. Reason: {exc}")


async def fail_later(exc: Exception, job: Job, job_controller: JobController) -> None:
    if isinstance(exc, KeyError):
        await job_controller.set_error_status(f"no account {exc}")
        return
    await job_controller.set_failure_status(str(exc), retry_back_off_ms=200)


async def decline(exc: Exception, job: Job, job_controller: JobController) -> None:
    await job_controller.set_error_status(
        message=str(exc), error_code="DECLINED", variables={"reason": exc.reason}
    )


async def no_receipt(exc: Exception, job: Job, job_controller: JobController) -> None:
    await job_controller.set_error_status(f"Failed to handle job {job.key}. Error: {exc}")


async def last_time_tell(exc: Exception, job: Job, job_controller: JobController) -> None:
    """The diagram is asked when nothing else is left."""
    if job.retries <= 1:
        await job_controller.set_error_status(str(exc)[:500], error_code=type(exc).__name__)
    else:
        await job_controller.set_failure_status(message=f"Failed job. Error: {exc}")


async def main() -> None:
    channel = create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"])
    worker = ZeebeWorker(
        channel,
        exception_handler=fail,
        poll_retry_delay=1,
        max_connection_retries=-1,
    )

    @worker.task(task_type="check-limit")
    async def check_limit(amount: float, limit: float = 1000.0) -> dict:
        if amount > limit:
            raise LimitExceeded(amount)
        return {"share": round(amount / limit, 2)}

    @worker.task(task_type="reserve-amount", exception_handler=fail_later)
    async def reserve_amount(paymentId: str, account: str = "main") -> dict:
        if paymentId not in reserved:
            reserved.add(paymentId)
            raise TimeoutError("the bank did not answer")
        return {"reservedOn": {"main": "EUR", "travel": "USD"}[account]}

    @worker.task(task_type="charge-card", exception_handler=decline)
    async def charge_card(card: str):
        if card.endswith("0"):
            raise CardDeclined("no funds")
        return {"charged": True}

    @worker.task(task_type="send-receipt", exception_handler=no_receipt)
    async def send_receipt(email: str = None):
        if email is None:
            raise ValueError("nobody to send it to")
        return {}

    @worker.task(task_type="book-payment", exception_handler=last_time_tell)
    async def book_payment(closed: bool = False):
        if closed:
            raise LedgerClosed("closed until tomorrow")
        return {"booked": True}

    await worker.work()


asyncio.run(main())
