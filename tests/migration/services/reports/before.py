"""Reports: a Flask application with the worker's event loop in a thread."""

import asyncio
import logging
import os
import threading

from flask import Flask, jsonify, request
from pyzeebe import ZeebeClient, ZeebeWorker, create_insecure_channel

logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(name)s] %(message)s")
log = logging.getLogger("reports")
app = Flask(__name__)
ZEEBE_ADDRESS = os.getenv("ZEEBE_ADDRESS", "zeebe:26500")

_loop = None
_ready = threading.Event()
_reports = {}
_lock = threading.Lock()


def _zeebe(coroutine):
    """Runs a coroutine on the worker's loop and waits for it."""
    _ready.wait()
    return asyncio.run_coroutine_threadsafe(coroutine, _loop).result()


async def _publish(name, key, variables):
    channel = create_insecure_channel(grpc_address=ZEEBE_ADDRESS)
    await ZeebeClient(channel).publish_message(name, key, variables=variables)
    await channel.close()


@app.post("/reports")
def submit():
    body = request.get_json(force=True)
    with _lock:
        _reports[body["reportId"]] = {"status": "pending", "mode": body.get("mode", "manual")}

    async def start():
        channel = create_insecure_channel(grpc_address=ZEEBE_ADDRESS)
        variables = {"reportId": body["reportId"], "patience": body.get("patience", "PT1H")}
        instance = await ZeebeClient(channel).run_process("report", variables)
        await channel.close()
        return instance.process_instance_key

    assert _zeebe(start()) > 0
    return jsonify({"reportId": body["reportId"]}), 202


@app.post("/objections")
def object_to():
    body = request.get_json(force=True)
    _zeebe(_publish("owner-objects", body["reportId"], {"explanation": body["explanation"]}))
    return jsonify({"received": True})


async def _objects_by_itself(report_id):
    await asyncio.sleep(0.1)
    await _publish("owner-objects", report_id, {"explanation": "sent by itself"})
    log.info("objected to %s", report_id)


async def _work():
    global _loop
    _loop = asyncio.get_running_loop()
    _ready.set()
    worker = ZeebeWorker(create_insecure_channel(grpc_address=ZEEBE_ADDRESS))

    @worker.task(task_type="tell-owner")
    async def tell_owner(reportId: str, valid: bool = True, **kwargs) -> dict:
        with _lock:
            _reports[reportId]["status"] = "told"
            mode = _reports[reportId]["mode"]
        if mode == "auto":
            asyncio.create_task(_objects_by_itself(reportId))
        return {"told": valid}

    @worker.task(task_type="review-objection")
    async def review(reportId: str, explanation: str = "", **kwargs) -> dict:
        return {"verdict": f"kept: {explanation}"}

    @worker.task(task_type="delete-post")
    async def delete_post(reportId: str, **kwargs) -> dict:
        with _lock:
            return {"deleted": True, "was": _reports.pop(reportId)["status"]}

    # What older versions of the diagram call it.
    worker.task(task_type="remove-post", timeout_ms=30_000)(delete_post)
    await worker.work()


def _run():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_work())


threading.Thread(target=_run, daemon=True, name="zeebe").start()

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
