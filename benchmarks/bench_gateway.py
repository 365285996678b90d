"""A gateway that only hands out and takes jobs: ``python -m benchmarks.bench_gateway``.

Prints its port. A worker's type is ``<name>:<jobs>``: the first poll of a type fills it.
"""

import asyncio
import time

import grpc.aio
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayServicer, add_GatewayServicer_to_server

VARIABLES = '{"userId": "' + "x" * 180 + '"}'


class BenchGateway(GatewayServicer):
    def __init__(self):
        self.left = {}
        self.next_key = 1

    async def ActivateJobs(self, request, context):  # noqa: ARG002, N802 - the protocol's
        left = self.left.setdefault(request.type, int(request.type.split(":")[1]))
        count = min(left, request.maxJobsToActivate)
        self.left[request.type] = left - count
        if not count:
            await asyncio.sleep(min(max(request.requestTimeout, 0) / 1000, 5) or 0.05)
            return
        yield pb.ActivateJobsResponse(jobs=[self.job(request.type) for _ in range(count)])

    async def CompleteJob(self, request, context):  # noqa: ARG002, N802
        return pb.CompleteJobResponse()

    def job(self, job_type):
        self.next_key += 1
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
    server = grpc.aio.server()
    add_GatewayServicer_to_server(BenchGateway(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
