"""Chaos for jobs: two replicas, and either a hostile line to the engine, or kills."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

from benchmarks.chaos_instances import DIAGRAM, is_incident
from benchmarks.chaos_processes import Fleet, Line, serving
from benchmarks.chaos_records import (
    FAILED_AGAIN,
    GIVEN_BACK,
    TIMED_OUT,
    Notes,
    Records,
    doubled,
)
from tests.reliability.proxy import Proxy
from tests.reliability.starting import start
from tests.support.diagrams import bpmn

from workflow_runtime import EventNotPublished, WorkflowBuilder, WorkflowSettings
from workflow_runtime.errors import CommandFailed
from workflow_runtime.observers import Observer

AT_ONCE = 30
"""Callers that start instances one after the other."""
PAUSE = 0.5
"""Seconds between two starts of a caller: what breaks is to be counted, not how much there is."""
STUCK = 45
"""Seconds without a step of the engine after which what is not at its end is lost."""
LOAD = 0.7
"""Share of a run's time in which instances are started; the rest is for their end."""
BY_THE_LINE = {TIMED_OUT, GIVEN_BACK, FAILED_AGAIN}
"""What an engine does that gets no answers, or whose answers get lost."""
SHORT = timedelta(seconds=2)


class Resent(Observer):
    def __init__(self):
        self.commands = Counter()

    def command_resent(self, command, _status):
        self.commands[command] += 1


class Callers:
    """Start instances, each with its event, and keep what they are told of each start."""

    def __init__(self, diagram):
        self._diagram = diagram
        self.told, self.published, self.unclear = {}, 0, 0
        self.observer = Resent()

    async def call(self, address, seconds):
        settings = WorkflowSettings(
            service_name="callers", address=address, command_timeout=SHORT, request_timeout=SHORT
        )
        builder = WorkflowBuilder(settings=settings).with_process(self._diagram)
        builder.with_observer(self.observer)
        numbers = iter(range(1_000_000))
        async with builder.running() as workflow:
            await workflow.deployed()
            end = time.monotonic() + seconds

            async def one_after_the_other():
                while time.monotonic() < end:
                    await self._one(workflow, next(numbers))
                    await asyncio.sleep(PAUSE)

            await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))

    async def _one(self, workflow, n):
        self.told[n] = await start(workflow, "chaos", n)
        if self.told[n] == "no":
            return
        while True:
            try:
                await workflow.publish_event("told", correlation_key=str(n), event_id=f"told-{n}")
            except (CommandFailed, EventNotPublished):
                # Again until it is taken: its id makes one event of them.
                self.unclear += 1
                continue
            self.published += 1
            return


class Watch:
    """What has become of the instances, as far as the engine has said."""

    def __init__(self, folder, callers):
        self.records, self.notes, self.callers = Records(folder), Notes(folder), callers

    def open(self):
        self.records.read()
        self.notes.read()
        ended = self.records.completed | {
            key for key in self.records.incidents if is_incident(self.records.numbers[key])
        }
        return self.records.numbers.keys() - ended

    async def all_ended(self):
        """Waits for the end of all instances, as long as anything happens."""
        last, since = None, time.monotonic()
        while time.monotonic() - since < STUCK:
            found = len(self.open()), self.records.activations
            if not found[0]:
                return
            if found != last:
                last, since = found, time.monotonic()
            await asyncio.sleep(0.5)

    def progress(self):
        still = len(self.open())
        done = len(self.records.numbers) - still
        return f"{len(self.callers.told)} starts, {done} ended, {still} under way"


async def proxy(folder, seconds, rand, show):
    """Two replicas and their callers behind a line that breaks, and an engine that refuses."""
    async with serving(folder, rand.random(), hostile=True) as (port, counted):
        line = Proxy(port)
        await line.start()
        address = f"http://127.0.0.1:{line.port}"
        fleet, disturbance = _fleet(folder, address), Line(line, rand)
        callers = Callers(_diagram(folder))
        watch = Watch(folder, callers)
        async with fleet.running(), show(watch.progress):
            async with disturbance.hostile():
                await callers.call(address, seconds * LOAD)
            await watch.all_ended()
        await line.cut()

    def forced(run, end, how):
        if how == FAILED_AGAIN or disturbance.disturbed(run.at, end):
            return how in BY_THE_LINE and "the line was broken"
        return ""

    counts = {"disturbances": dict(disturbance.counts), **counted}
    return _report(watch, forced, counts)


async def kills(folder, seconds, rand, show):
    """Two replicas that are killed and told to end at any moment; the engine lives."""
    async with serving(folder, rand.random(), hostile=False) as (port, counted):
        address = f"http://127.0.0.1:{port}"
        fleet, callers = _fleet(folder, address), Callers(_diagram(folder))
        watch = Watch(folder, callers)
        async with fleet.running(), show(watch.progress):
            await asyncio.gather(
                callers.call(address, seconds * LOAD), fleet.strike(rand, seconds * LOAD)
            )
            await watch.all_ended()

    def forced(run, end, how):
        killed = run.at <= fleet.killed.get(run.pid, 0) <= end
        return killed and how == TIMED_OUT and "its process was killed"

    return _report(watch, forced, counted | fleet.counts())


def _diagram(folder):
    path = folder / "chaos.bpmn"
    path.write_bytes(bpmn(DIAGRAM, "chaos"))
    return path


def _fleet(folder, address):
    return Fleet(
        folder, "jobs", 2, WORKFLOW_ADDRESS=address, WORKFLOW_COMMAND_TIMEOUT=2,
        WORKFLOW_REQUEST_TIMEOUT=2, WORKFLOW_LONG_POLL=2,
    )  # fmt: skip


def _report(watch, forced, more):
    lost = watch.open()
    records, notes, callers = watch.records, watch.notes, watch.callers
    seen = Counter(records.numbers.values())
    answers = Counter(callers.told.values())
    unmeant = {k for k in records.incidents if not is_incident(records.numbers[k])}
    again = doubled(records, notes, forced)
    ids = Counter(message_id for _, message_id in records.messages)
    lies = [
        *(n for n, told in callers.told.items() if seen[n] != 1 and told == "yes"),
        *(n for n, told in callers.told.items() if seen[n] != 0 and told == "no"),
    ]
    counts = {
        "starts": len(callers.told),
        "starts by answer": dict(answers),
        "unknown starts that happened": sum(
            seen[n] for n, told in callers.told.items() if told == "unknown"
        ),
        "instances": len(records.numbers),
        "instances completed": len(records.completed),
        "incidents as meant": len(records.incidents - unmeant),
        "tasks": len(notes.runs),
        "handler calls": sum(map(len, notes.runs.values())),
        "doubled calls by reason": {
            f"{how}: {reason or 'nothing was in the way'}": count
            for (how, reason), count in again.items()
        },
        "commands resent": dict(notes.resent + callers.observer.commands),
        "events": len(ids),
        **more,
    }
    wrong = {
        "runs in which no instance completed": int(not records.completed),
        "instances lost": len(lost - unmeant),
        "instances doubled": sum(count > 1 for count in seen.values()),
        "answers to a start that were not true": len(lies),
        "incidents that nobody meant": len(unmeant),
        "calls doubled without need": sum(
            count for (_, reason), count in again.items() if not reason
        ),
        "events lost": len({f"told-{n}" for n, t in callers.told.items() if t != "no"} - set(ids)),
        "events doubled": sum(count > 1 for count in ids.values()),
    }
    return counts, wrong
