"""Reports: a Flask application with the service in a thread."""

import asyncio
import logging
import os
import signal
import sys
import threading

from flask import Flask, jsonify, request

from workflow_runtime import WorkflowBuilder, WorkflowTask

logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(name)s] %(message)s")
log = logging.getLogger("reports")
app = Flask(__name__)
builder = WorkflowBuilder("reports").with_process("process.bpmn")

_reports = {}
_lock = threading.Lock()


@app.post("/reports")
def submit():
    body = request.get_json(force=True)
    with _lock:
        _reports[body["reportId"]] = {"status": "pending", "mode": body.get("mode", "manual")}
    variables = {"reportId": body["reportId"], "patience": body.get("patience", "PT1H")}
    assert workflow.start_process("report", variables).key > 0
    return jsonify({"reportId": body["reportId"]}), 202


@app.post("/objections")
def object_to():
    body = request.get_json(force=True)
    workflow.publish_event(
        "owner-objects",
        correlation_key=body["reportId"],
        scope={"explanation": body["explanation"]},
    )
    return jsonify({"received": True})


async def _objects_by_itself(task, report_id):
    await asyncio.sleep(0.1)
    scope = {"explanation": "sent by itself"}
    await task.workflow.publish_event("owner-objects", correlation_key=report_id, scope=scope)
    log.info("objected to %s", report_id)


@builder.task("tell-owner")
async def tell_owner(task: WorkflowTask, reportId: str, valid: bool = True, **kwargs) -> dict:
    with _lock:
        _reports[reportId]["status"] = "told"
        mode = _reports[reportId]["mode"]
    if mode == "auto":
        asyncio.create_task(_objects_by_itself(task, reportId))
    return {"told": valid}


@builder.task("review-objection")
async def review(reportId: str, explanation: str = "", **kwargs) -> dict:
    return {"verdict": f"kept: {explanation}"}


# What older versions of the diagram call it.
@builder.task("remove-post")
@builder.task("delete-post")
async def delete_post(reportId: str, **kwargs) -> dict:
    with _lock:
        return {"deleted": True, "was": _reports.pop(reportId)["status"]}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with builder.start_in_thread() as workflow:
        app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
