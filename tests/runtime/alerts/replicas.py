"""Replicas of one service before one engine and one Operate, moved on by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.support.diagrams import bpmn, one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.clock import ControlledClock
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.alerts.operate import OperateClient
from workflow_runtime.alerts.replicas import Replicas
from workflow_runtime.alerts.stories import Stories
from workflow_runtime.alerts.text import Wording
from workflow_runtime.alerts.watcher import OperateWatcher
from workflow_runtime.gateway.errors import AlreadyExists
from workflow_runtime.gateway.values import JobRequest, Resource
from workflow_runtime.observers import IncidentAlert, Observer

CHOICE = bpmn("start start\nxor choose\nend end\nstart -> choose\nchoose -> end if =x > 1", "order")


class Sweeping(EmbeddedGateway):
    """Forgets the ids of messages once a minute, as a broker does (semantics#message-expires)."""

    def __init__(self, engine, clock):
        super().__init__(engine)
        self._clock, self._until, self._sweep = clock, {}, 0

    async def publish_message(
        self, name, key, scope, *, time_to_live, message_id="", deadline=None
    ):
        now = self._clock.now_ms()
        if now // 60_000 != self._sweep:
            self._sweep = now // 60_000
            self._until = {name: end for name, end in self._until.items() if end > now}
        if (key, message_id) in self._until:
            raise AlreadyExists("taken")
        if time_to_live:
            self._until[key, message_id] = now + time_to_live.total_seconds() * 1000
        return 1


class Counts(Observer):
    def __init__(self):
        self.found = self.resolved = 0
        self.open = {}

    def incident_found(self, alert):
        self.found += 1

    def incident_resolved(self, process_id, instance_key, key):
        self.resolved += 1

    def incidents_open(self, counts):
        self.open = dict(counts)


class Replica:
    """One process of the service: what it tells is in ``told``, as kind and title."""

    def __init__(self, stand, name):
        self.stand, self.name, self.told, self.counts = stand, name, [], Counts()
        replicas = Replicas(stand.gateway, "shop", watched=stand.operate is not None)
        self.stories = Stories(Wording(), 600, self._tell, lambda: stand.seconds, replicas=replicas)
        self.watcher = None

    def _tell(self, notice):
        self.told.append((str(notice.kind), notice.title))
        self.stand.told.append(notice.title)
        self.stand.bodies.append(notice.body)

    async def watch(self):
        """Looks at Operate once, as whoever has the lease."""
        if self.watcher is None:
            client = OperateClient(self.stand.operate.url, user="demo", password="demo")
            self.watcher = OperateWatcher(
                client, self.stories, service="shop", clock=lambda: self.stand.clock_time
            )
            self.watcher.connect(self.counts)
            self.stand.watchers.append(self.watcher)
        await self.watcher.look()


class Stand:
    """An engine, what Operate shows of it, and the replicas."""

    def __init__(self, operate=None, *, sweeping=False):
        self.operate = operate
        self._clock = ControlledClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.engine = Engine(clock=self._clock)
        self.gateway = (
            Sweeping(self.engine, self._clock) if sweeping else EmbeddedGateway(self.engine)
        )
        self.seconds = 0.0
        self.told, self.bodies, self.replicas, self.watchers = [], [], [], []
        self.late = []
        self.is_late = False
        self.engine.records.subscribe(self._record)
        self.engine.deploy([one_task("order", "pay")])

    async def close(self):
        """Closes the connections of all watchers, those of replicas that were killed too."""
        for watcher in self.watchers:
            await watcher.stop()
        await self.operate.stop()

    def deploy_choice(self):
        self.engine.deploy([Resource("choice.bpmn", CHOICE)])

    @property
    def clock_time(self):
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)

    def replica(self, name="a"):
        replica = Replica(self, name)
        self.replicas.append(replica)
        return replica

    def kill(self, replica):
        self.replicas.remove(replica)

    def _record(self, record):
        if record.value_type == "INCIDENT" and self.operate:
            self.late.append(record)
            if not self.is_late:
                self.import_records()

    def import_records(self, count=None):
        """Operate has caught up, or by so many records."""
        for record in self.late[:count]:
            self.operate.feed(record.intent, record.key, record.timestamp, record.value)
        self.operate.settle()
        del self.late[:count]

    async def pass_(self, seconds, watching=None):
        """Lets time go by, in turns of five seconds; a watcher looks every thirty."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds += 5
            self._clock.advance(timedelta(seconds=5))
            self.engine.run_due()
            for replica in self.replicas:
                await replica.stories.turn()
                replica.stories.tick()
            if watching and self.seconds % 30 == 0:
                await watching.watch()

    def start(self, count, **scope):
        for _ in range(count):
            self.engine.create_instance("order", scope)

    async def jobs(self, count):
        request = JobRequest(
            job_type="order_pay",
            worker="w",
            max_jobs=count,
            job_timeout=timedelta(hours=9),
            long_poll=timedelta(0),
        )
        return list(await self.gateway.activate_jobs(request))

    async def fail(self, replica, jobs, message="ValueError: no", times=1):
        """The handler fails for good at a replica."""
        for job in jobs:
            await self.gateway.fail_job(job.key, retries=0, message=message)
            replica.stories.raised(alert_of(job, message, times))
        await self.settle()

    async def settle(self):
        """All have asked the engine what they wanted to know."""
        for replica in self.replicas:
            await replica.stories.settled()

    async def raise_new(self, replica, count, message="ValueError: no"):
        self.start(count)
        jobs = await self.jobs(count)
        await self.fail(replica, jobs, message)
        return jobs

    async def resolve(self, jobs):
        """A person gives the jobs another attempt; their handlers get them again."""
        keys = {job.key for job in jobs}
        for incident in list(self.engine.incidents):
            if incident.job is not None and incident.job.key in keys:
                self.engine.update_job_retries(incident.job.key, 1)
                self.engine.resolve_incident(incident.key)
        return await self.jobs(len(keys))

    async def repair(self, jobs, *, by=None):
        """A person resolves, and the handler completes at a replica that may know them or not."""
        for job in await self.resolve(jobs):
            await self.gateway.complete_job(job.key, {})
            if by is not None:
                by.stories.ended(job.key)

    def resolve_all(self):
        for incident in list(self.engine.incidents):
            self.engine.resolve_incident(incident.key)

    @property
    def kinds(self):
        return Counter(kind for replica in self.replicas for kind, _ in replica.told)


def alert_of(job, message="ValueError: no", times=1):
    return IncidentAlert(
        service="shop",
        process_id=job.process_id,
        instance_key=job.instance_key,
        element_id=job.element_id,
        job_key=job.key,
        job_type=job.job_type,
        message=message,
        attempts=(),
        retries=0,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        element_instance_key=job.element_instance_key,
        times=times,
    )
