"""Hires a person: deploys, starts and waits for the end."""

import asyncio
import json
import os
import sys

from pyzeebe import SyncZeebeClient, create_insecure_channel

# From Python 3.12 on it finds no loop unless there is one.
asyncio.set_event_loop(asyncio.new_event_loop())
client = SyncZeebeClient(create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"]))
client.deploy_resource("process.bpmn", "equipment.bpmn")
person = {"first": sys.argv[2], "extra": "screen"}
done = client.run_process_with_result(
    "onboarding",
    variables={"hireId": sys.argv[1], "person": person},
    timeout=30_000,
    variables_to_fetch=["welcome", "signedAt"],
)
print(json.dumps({"process": done.bpmn_process_id, "variables": done.variables}))
