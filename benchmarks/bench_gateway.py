"""A gateway that only hands out and takes jobs: ``python -m benchmarks.bench_gateway``.

Prints its port. A worker's type says what it gets, from its first poll on: ``<name>:<jobs>`` at
once, or ``<name>:<rate>:<burst>:<at>:<seconds>``: so many jobs a second, and for one second so
many more. How long these took from their creation to their completion is told by Topology.
"""

import asyncio
import json
import time

import grpc.aio
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayServicer, add_GatewayServicer_to_server

OPTIONS = [
    ("grpc.max_send_message_length", 1 << 26),
    # Zeebe lets clients ping every 30 s; this server's own default is five minutes.
    ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
]
VARIABLES = '{"userId": "' + "x" * 180 + '"}'


class Waiting:
    """Jobs that are there at once."""

    def __init__(self, jobs):
        self.left = int(jobs)

    def take(self, most):
        count = min(self.left, most)
        self.left -= count
        return [None] * count

    def pause(self):
        return 1.0


class Feed:
    """Jobs that appear by the clock; each is known by the second in which it was created."""

    def __init__(self, rate, burst, at, seconds):
        self.rate, self.burst, self.at = float(rate), float(burst), float(at)
        self.begun, self.seconds = time.monotonic(), float(seconds)
        self.given = 0

    def created(self, number):
        """When the job with this number appears, in seconds after the begin."""
        before = self.rate * self.at
        if number <= before:
            return number / self.rate
        if number <= before + self.burst:
            return self.at + (number - before) / self.burst
        return self.at + 1 + (number - before - self.burst) / self.rate

    def take(self, most):
        now, taken = time.monotonic() - self.begun, []
        while len(taken) < most and self.created(self.given + 1) <= min(now, self.seconds):
            self.given += 1
            taken.append(self.created(self.given))
        return taken

    def pause(self):
        return max(0.001, self.created(self.given + 1) - (time.monotonic() - self.begun))


class BenchGateway(GatewayServicer):
    def __init__(self):
        self.sources = {}
        self.pending = {}
        self.latencies = []
        self.next_key = 1

    async def ActivateJobs(self, request, context):  # noqa: ARG002, N802 - the protocol's
        source = self.source(request.type)
        until = time.monotonic() + (max(request.requestTimeout, 0) / 1000 or 10)
        while not (taken := source.take(request.maxJobsToActivate)):
            if request.requestTimeout < 0 or time.monotonic() >= until:
                return
            await asyncio.sleep(min(source.pause(), until - time.monotonic()))
        yield pb.ActivateJobsResponse(jobs=[self.job(request.type, since) for since in taken])

    async def CompleteJob(self, request, context):  # noqa: ARG002, N802
        since, created = self.pending.pop(request.jobKey, (None, None))
        if since is not None:
            self.latencies.append((created, time.monotonic() - since - created))
        return pb.CompleteJobResponse()

    async def SetVariables(self, request, context):  # noqa: ARG002, N802
        return pb.SetVariablesResponse()

    async def Topology(self, request, context):  # noqa: ARG002, N802
        latencies, self.latencies = self.latencies, []
        return pb.TopologyResponse(gatewayVersion=json.dumps(latencies))

    def source(self, job_type):
        if job_type not in self.sources:
            _, *spec = job_type.split(":")
            self.sources[job_type] = Feed(*spec) if len(spec) > 1 else Waiting(*spec)
        return self.sources[job_type]

    def job(self, job_type, created):
        self.next_key += 1
        if created is not None:
            self.pending[self.next_key] = (self.sources[job_type].begun, created)
        return pb.ActivatedJob(
            key=self.next_key,
            type=job_type,
            processInstanceKey=1,
            bpmnProcessId="bench",
            elementId="task",
            customHeaders="{}",
            retries=3,
            deadline=int(time.time() * 1000) + 60_000,
            variables=VARIABLES,
        )


async def main():
    server = grpc.aio.server(options=OPTIONS)
    add_GatewayServicer_to_server(BenchGateway(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
