"""Orders: a FastAPI application with the worker as a task beside it."""

import asyncio
import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel
from pyzeebe import ZeebeClient, ZeebeWorker, create_insecure_channel


class Order(BaseModel):
    orderId: str
    parcels: int = 1


class Scan(BaseModel):
    orderId: str


def register(worker: ZeebeWorker) -> None:
    @worker.task(task_type="reserve-goods")
    async def reserve_goods(orderId: str, parcels: int):
        return {"reserved": [f"{orderId}/{number}" for number in range(parcels)], "scans": 0}

    @worker.task(task_type="count-scan")
    async def count_scan(scans: int = 0, parcels: int = 1):
        return {"scans": scans + 1, "complete": scans + 1 >= parcels}

    @worker.task(task_type="write-invoice")
    async def write_invoice(**variables):
        lines = [{"parcel": parcel, "price": 5} for parcel in variables["reserved"]]
        return {"invoice": {"lines": lines, "sum": sum(line["price"] for line in lines)}}


@asynccontextmanager
async def lifespan(app: FastAPI):
    channel = create_insecure_channel()
    worker = ZeebeWorker(channel)
    register(worker)
    app.state.zeebe = ZeebeClient(channel)
    working = asyncio.create_task(worker.work())
    yield
    working.cancel()
    await channel.close()


app = FastAPI(lifespan=lifespan)


@app.post("/orders")
async def place(order: Order, request: Request):
    await request.app.state.zeebe.run_process("order", order.model_dump())
    return {"placed": order.orderId}


@app.post("/scans")
async def scan(scan: Scan, request: Request):
    # Two parcels of one order give two equal messages.
    await request.app.state.zeebe.publish_message(
        name="parcel-scanned", correlation_key=scan.orderId, variables={"lastScan": scan.orderId}
    )
    return {"scanned": scan.orderId}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
