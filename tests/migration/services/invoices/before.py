"""Invoices: one file, handlers inside of main, everything by parameters."""

import asyncio
import logging
import os

from pyzeebe import ZeebeWorker, create_insecure_channel

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("invoices")


async def main():
    channel = create_insecure_channel(grpc_address=os.getenv("ZEEBE_ADDRESS", "localhost:26500"))
    worker = ZeebeWorker(channel)

    @worker.task(task_type="save-invoice")
    async def save_invoice(id=None, supplier=None, date=None, **kwargs):
        log.info("[save-invoice] id=%s supplier=%s date=%s", id, supplier, date)
        if not supplier:
            return {"saved": False, "error": "supplier is missing"}
        return {"saved": True, "others": sorted(kwargs)}

    @worker.task(task_type="check-invoice", timeout_ms=30_000)
    async def check_invoice(
        amount: float = 0.0, lines: list = None, currency: str = "EUR", type: str = "invoice"
    ) -> dict:
        total = sum(line["price"] * line.get("count", 1) for line in lines or [])
        return {
            "needsApproval": float(amount) > 1000,
            "total": total,
            "currency": currency,
            "checked": type,
        }

    # Nobody reads annotations: the amount may be a text, the supplier is one.
    @worker.task(task_type="approve-invoice")
    async def approve_invoice(amount: int, supplier: dict) -> dict:
        return {"approval": f"{supplier}: {amount}"}

    @worker.task("pay-invoice", max_jobs_to_activate=5, max_running_jobs=5)
    async def pay_invoice(iban, task, labels=[]):
        print(f"paying to {iban}")
        return {"paidTo": iban[-4:], "labels": [task, *labels]}

    @worker.task("archive-invoice")
    async def archive_invoice(note: str = ""):
        print(f"archived {note}")

    log.info("listening")
    await worker.work()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("stopped")
