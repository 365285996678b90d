"""Closes the reminders of the day."""

import json

from workflow_runtime import WorkflowBuilder

with WorkflowBuilder("close-reminders").start_in_thread() as workflow:
    workflow.broadcast_signal("reminders-closed", {"closedBy": "script"})
print(json.dumps({"done": True}))
