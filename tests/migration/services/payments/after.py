"""Payments: what becomes of an exception is said by what is raised, or by middleware."""

import logging
from datetime import timedelta

from workflow_runtime import BpmnError, CallNext, WorkflowBuilder, WorkflowIncident, WorkflowTask

logger = logging.getLogger("payments")
reserved = set()
AT_ONCE = timedelta(0)


class LimitExceeded(BpmnError):
    def __init__(self, amount):
        super().__init__("LIMIT", f"{amount} is above the limit")


class CardDeclined(Exception):
    def __init__(self, reason):
        super().__init__(f"declined: {reason}")
        self.reason = reason


class LedgerClosed(Exception):
    pass


async def no_account(task: WorkflowTask, call_next: CallNext):
    try:
        return await call_next(task)
    except KeyError as error:
        raise WorkflowIncident(f"no account {error}") from error


async def decline(task: WorkflowTask, call_next: CallNext):
    try:
        return await call_next(task)
    except CardDeclined as error:
        raise BpmnError("DECLINED", str(error), {"reason": error.reason}) from error


async def no_receipt(task: WorkflowTask, call_next: CallNext):
    try:
        return await call_next(task)
    except Exception as error:
        raise BpmnError("NO_RECEIPT", f"Failed to handle the job. Error: {error}") from error


async def last_time_tell(task: WorkflowTask, call_next: CallNext):
    """The diagram is asked when nothing else is left."""
    try:
        return await call_next(task)
    except Exception as error:
        if task.retries_left <= 1:
            raise BpmnError(type(error).__name__, str(error)[:500]) from error
        raise


builder = WorkflowBuilder("payments").with_process("process.bpmn")


@builder.task("check-limit", retry_timeout=AT_ONCE)
async def check_limit(amount: float, limit: float = 1000.0) -> dict:
    if amount > limit:
        raise LimitExceeded(amount)
    return {"share": round(amount / limit, 2)}


@builder.task("reserve-amount", middleware=[no_account], retry_timeout=timedelta(milliseconds=200))
async def reserve_amount(paymentId: str, account: str = "main") -> dict:
    if paymentId not in reserved:
        reserved.add(paymentId)
        raise TimeoutError("the bank did not answer")
    return {"reservedOn": {"main": "EUR", "travel": "USD"}[account]}


@builder.task("charge-card", middleware=[decline])
async def charge_card(card: str):
    if card.endswith("0"):
        raise CardDeclined("no funds")
    return {"charged": True}


@builder.task("send-receipt", middleware=[no_receipt])
async def send_receipt(email: str = None):
    if email is None:
        raise ValueError("nobody to send it to")
    return {}


@builder.task("book-payment", middleware=[last_time_tell], retry_timeout=AT_ONCE)
async def book_payment(closed: bool = False):
    if closed:
        raise LedgerClosed("closed until tomorrow")
    return {"booked": True}


builder.serve()
