"""Hires a person: deploys, starts and waits for the end."""

import json
import sys

from workflow_runtime import WorkflowBuilder

builder = WorkflowBuilder("hire").with_process("process.bpmn").with_process("equipment.bpmn")
person = {"first": sys.argv[2], "extra": "screen"}
with builder.start_in_thread() as workflow:
    done = workflow.start_process_and_wait(
        "onboarding", {"hireId": sys.argv[1], "person": person}, timeout=30
    )
variables = {name: done[name] for name in ("welcome", "signedAt")}
print(json.dumps({"process": "onboarding", "variables": variables}))
