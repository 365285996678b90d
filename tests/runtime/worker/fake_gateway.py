"""The smallest gateway that hands out jobs and remembers what became of them."""

import asyncio
import time

from workflow_runtime.gateway.errors import NotFound
from workflow_runtime.gateway.values import ActivatedJob, BrokerInfo, DeployedProcess, Topology


def job(key=1, job_type="work", retries=3, **variables):
    deadline = int((time.time() + 60) * 1000)
    return ActivatedJob(
        key, job_type, 10, "process", 20, 1, "task", 30, {}, "worker", retries, deadline, variables
    )


class FakeGateway:
    """`commands` are the ends of jobs; `errors` maps a method to what it raises, one by one."""

    in_process = False

    def __init__(self):
        self.waiting = []
        self.commands = []
        self.requests = []
        self.deployed = []
        self.known = set()
        """Ids and versions of the processes that are there."""
        self.extended = []
        self.notes = []
        self.errors = {}
        self.changed = asyncio.Event()
        self.closed = False

    def offer(self, *jobs):
        self.waiting += jobs
        self._tell()

    async def seen(self, condition):
        async with asyncio.timeout(10):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()

    async def commands_seen(self, count):
        await self.seen(lambda gateway: len(gateway.commands) >= count)
        return self.commands

    async def activate_jobs(self, request):
        self._raise("activate_jobs")
        self.requests.append(request)
        while not (jobs := [j for j in self.waiting if j.job_type == request.job_type]):
            self.changed.clear()
            await self.changed.wait()
        jobs = jobs[: request.max_jobs]
        self.waiting = [j for j in self.waiting if j not in jobs]
        self._tell()
        return jobs

    async def complete_job(self, job_key, scope, *, deadline=None):
        self._raise("complete_job")
        self._did("complete", job_key, dict(scope))

    async def fail_job(self, job_key, *, retries, message, backoff=None, scope=None, deadline=None):
        self._raise("fail_job")
        self._did("fail", job_key, retries, message, backoff, scope)

    async def throw_error(self, job_key, code, message, scope=None, *, deadline=None):
        self._raise("throw_error")
        self._did("throw", job_key, code, message, dict(scope or {}))

    async def update_job_timeout(self, job_key, timeout, *, deadline=None):
        self.extended.append(job_key)
        self._tell()
        self._raise("update_job_timeout")

    async def set_variables(self, element_instance_key, scope, *, local=False, deadline=None):
        self._raise("set_variables")
        assert local
        self.notes.append(dict(scope))

    async def deploy(self, resources, *, deadline=None):
        self._raise("deploy")
        self.deployed.append([r.name for r in resources])
        self._tell()
        self.known = {(r.name, 1) for r in resources}
        return [DeployedProcess(r.name, 1, 1, r.name) for r in resources]

    async def topology(self, *, deadline=None):
        return Topology("8.5.8", 1, 1, 1, [BrokerInfo("broker:26501", "8.5.8")])

    async def has_process(self, process_id, version=-1, *, deadline=None):
        self._raise("has_process")
        return (process_id, version) in self.known

    async def resolve_incident(self, incident_key, *, deadline=None):
        raise NotFound(f"no incident {incident_key}")

    async def close(self):
        self.closed = True

    def _did(self, *command):
        self.commands.append(command)
        self._tell()

    def _raise(self, method):
        pending = self.errors.get(method)
        if pending:
            raise pending.pop(0)

    def _tell(self):
        self.changed.set()
