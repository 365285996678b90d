"""Notices: what goes wrong is tried again, and then somebody is told."""

import datetime
import logging

from workflow_runtime import WorkflowBuilder, WorkflowIncident, WorkflowTask

logger = logging.getLogger(__name__)
AT_ONCE = datetime.timedelta(0)
builder = WorkflowBuilder("notices").with_process("process.bpmn")


@builder.task("render-notice", retry_timeout=AT_ONCE)
async def render_notice(template: str, name: str = "customer"):
    if "{" not in template:
        raise ValueError(f"{template!r} has no place for a name")
    return {"text": template.format(name=name)}


@builder.task("send-notice")
async def send_notice(text: str, channel: str = "mail"):
    if channel not in {"mail", "post"}:
        raise WorkflowIncident(f"no channel {channel}")
    return {"sentBy": channel}


@builder.task("stamp-notice")
async def stamp_notice(raw: bool = False):
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    return {"sentAt": moment if raw else moment.isoformat()}


@builder.task("log-notice")
async def log_notice(task: WorkflowTask):
    try:
        rows = {"ok": 1}[task.scope["ledger"]]
    except Exception as e:
        logger.exception("not written down")
        return {"logged": False, "error": f"{type(e).__name__}: {e}"}
    return {"logged": True, "rows": rows}


if __name__ == "__main__":
    builder.serve()
