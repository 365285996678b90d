"""Invoices: one file, handlers inside of a function, everything by parameters."""

import logging
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from workflow_runtime import WorkflowBuilder, serve

log = logging.getLogger("invoices")


def build():
    builder = WorkflowBuilder("invoices").with_process("process.bpmn")

    @builder.task("save-invoice")
    async def save_invoice(id=None, supplier=None, date=None, **kwargs):
        log.info("[save-invoice] id=%s supplier=%s date=%s", id, supplier, date)
        if not supplier:
            return {"saved": False, "error": "supplier is missing"}
        return {"saved": True, "others": sorted(kwargs)}

    @builder.task("check-invoice", job_timeout=timedelta(seconds=30))
    async def check_invoice(
        amount: float = 0.0, lines: list = None, currency: str = "EUR", type: str = "invoice"
    ) -> dict:
        total = sum(line["price"] * line.get("count", 1) for line in lines or [])
        return {
            "needsApproval": amount > 1000,
            "total": total,
            "currency": currency,
            "checked": type,
        }

    @builder.task("approve-invoice")
    async def approve_invoice(amount, supplier) -> dict:
        return {"approval": f"{supplier}: {amount}"}

    @builder.task("pay-invoice", max_running=5)
    async def pay_invoice(iban, task: Annotated[Any, Field(alias="task")], labels=[]):
        print(f"paying to {iban}")
        return {"paidTo": iban[-4:], "labels": [task, *labels]}

    @builder.task("archive-invoice")
    async def archive_invoice(note: str = ""):
        print(f"archived {note}")

    return builder


if __name__ == "__main__":
    serve(build)
