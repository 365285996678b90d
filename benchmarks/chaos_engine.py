"""The engine of the chaos runs, as a process: ``chaos_engine RECORDS SEED [hostile]``.

It is what `workflow dev` serves. It prints its port, writes records to a file as lines of JSON,
and prints counts of its own, as JSON, at its end.
"""

import asyncio
import json
import random
import signal
import sys
from pathlib import Path

from workflow_devkit.engine import Engine, grpc_server
from workflow_devkit.engine.faults import Faults
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.gateway.errors import AlreadyExists

KEPT = {"INCIDENT", "JOB", "JOB_BATCH", "MESSAGE", "PROCESS_INSTANCE", "VARIABLE"}
STRUCK = (
    "ActivateJobs",
    "CompleteJob",
    "CreateProcessInstance",
    "FailJob",
    "PublishMessage",
    "ThrowError",
    "UpdateJobTimeout",
)
# Every connection is told to go (GOAWAY) after so long, and is broken off soon after.
GOES_AWAY = (("grpc.max_connection_age_ms", 3000), ("grpc.max_connection_age_grace_ms", 200))
ALWAYS = -1
REFUSED = "messages sent again, which the engine knew"


class Counting(EmbeddedGateway):
    """Counts the messages that came again under an id that is known."""

    known = 0

    async def publish_message(self, *arguments, **options):
        try:
            return await super().publish_message(*arguments, **options)
        except AlreadyExists:
            self.known += 1
            raise


def make_hostile(faults):
    grpc_server._OPTIONS = (*grpc_server._OPTIONS, *GOES_AWAY)  # noqa: SLF001 - no broker's option
    for rpc in STRUCK:
        for status in ("RESOURCE_EXHAUSTED", "UNAVAILABLE"):
            faults.fail(rpc, status, times=ALWAYS, probability=0.04)
        for status in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
            faults.lose_answer(rpc, status, times=ALWAYS, probability=0.02)
        faults.delay(rpc, 0.2, probability=0.05)


async def main(path, seed, hostile):
    faults = Faults(random.Random(seed).random, names=grpc_server.RPCS)
    if hostile:
        make_hostile(faults)
    engine, stop = Engine(keep_records=0), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with path.open("a", buffering=1) as file:

        def write(record):
            if record.value_type in KEPT:
                file.write(json.dumps(record.as_dict(), default=str) + "\n")

        engine.records.subscribe(write)
        gateway = Counting(engine)
        server = await grpc_server.serve(gateway, faults=faults)
        print(server.port, flush=True)
        await stop.wait()
        await server.stop()
    print(json.dumps({"calls that were struck": faults.hits, REFUSED: gateway.known}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], "hostile" in sys.argv))
