"""Closes the reminders of the day."""

import asyncio
import json
import os

from pyzeebe import SyncZeebeClient, create_insecure_channel

# From Python 3.12 on it finds no loop unless there is one.
asyncio.set_event_loop(asyncio.new_event_loop())
client = SyncZeebeClient(create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"]))
client.broadcast_signal("reminders-closed", variables={"closedBy": "script"})
print(json.dumps({"done": True}))
