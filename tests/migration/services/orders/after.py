"""Orders: a FastAPI application with the service in its lifespan."""

import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from workflow_runtime import WorkflowBuilder

builder = WorkflowBuilder("orders").with_process("process.bpmn")


class Order(BaseModel):
    orderId: str
    parcels: int = 1


class Scan(BaseModel):
    orderId: str


@builder.task("reserve-goods")
async def reserve_goods(orderId: str, parcels: int):
    return {"reserved": [f"{orderId}/{number}" for number in range(parcels)], "scans": 0}


@builder.task("count-scan")
async def count_scan(scans: int = 0, parcels: int = 1):
    return {"scans": scans + 1, "complete": scans + 1 >= parcels}


@builder.task("write-invoice")
async def write_invoice(**variables):
    lines = [{"parcel": parcel, "price": 5} for parcel in variables["reserved"]]
    return {"invoice": {"lines": lines, "sum": sum(line["price"] for line in lines)}}


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with builder.running() as workflow:
        app.state.workflow = workflow
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/orders")
async def place(order: Order, request: Request):
    await request.app.state.workflow.start_process("order", order.model_dump())
    return {"placed": order.orderId}


@app.post("/scans")
async def scan(scan: Scan, request: Request):
    # Two parcels of one order give two equal events.
    await request.app.state.workflow.publish_event(
        "parcel-scanned", correlation_key=scan.orderId, scope={"lastScan": scan.orderId}
    )
    return {"scanned": scan.orderId}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
