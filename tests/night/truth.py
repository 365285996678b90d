"""Compares what was told with what was so, by the engine's own records."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.night.engine import Engine
from tests.night.situation import Situation
from tests.night.stage import Stage
from tests.night.statements import Statement, matches

LOOK = 40.0
"""Seconds that a notice may be behind: the watcher looks every thirty, channels take a few."""
_PLACE = re.compile(r"(\w+): (\w+)(?![\w:])")
_COUNTED = re.compile(r"(\d+) (?:more )?incidents? ")


def falsehoods(stage: Stage, situation: Situation) -> Iterator[str]:
    """What was told and was not so."""
    for said in stage.statements():
        loud = said.channel != "log" or said.head.startswith(("WARNING", "ERROR"))
        if loud and matches(f"{said.shown}\n{said.body}", situation.untrue):
            yield f"untrue: {said.shown}"
        if said.channel == "log":
            continue
        if said.at < stage.fault_at or not stage.fault_at:
            yield f"told before anything had happened: {said.shown}"
        elif not matches(said.shown, (*situation.tells, *situation.true_too)):
            yield f"false alarm: {said.shown}"
        if said.channel == "notice":
            yield from _of_incidents(stage.engine, said)
    yield from _told_twice(stage)


def _of_incidents(engine: Engine, said: Statement) -> Iterator[str]:
    place = _PLACE.search(said.head)
    if not place:
        return
    steps = [
        (at, step)
        for at, step, each in engine.incidents()
        if at <= said.at
        and (each["value"]["bpmnProcessId"], each["value"]["elementId"]) == place.groups()
    ]
    if said.head.startswith("Resolved") and not _was_none_open(steps, said.at - LOOK):
        count = sum(step for _, step in steps)
        yield f"'{said.head}' while {count} were open"
    counted = _COUNTED.search(f"{said.head} {said.body}")
    raised = sum(step > 0 for _, step in steps)
    if counted and int(counted[1]) > raised:
        yield f"'{counted[0]}' of {raised}: {said.head}"


def _was_none_open(steps: list[tuple[float, int]], since: float) -> bool:
    """Whether there was a moment after ``since`` in which none was open."""
    count, free = 0, False
    for at, step in steps:
        if at > since and count == 0:
            free = True
        count += step
    return free or count == 0


def _told_twice(stage: Stage) -> Iterator[str]:
    """Each story once: an Incident or Resolved that is told again without a change between."""
    last: defaultdict[tuple[str, str], str] = defaultdict(str)
    for said in stage.statements():
        place = _PLACE.search(said.head)
        if said.channel != "notice" or not place or not said.head.startswith(("Inc", "Res")):
            continue
        word, key = said.head.split()[0], (said.source, place[0])
        if last[key] == word:
            yield f"told twice: {said.head}"
        last[key] = word


def state_after(stage: Stage) -> Iterator[str]:
    """What is not as it has to be when all is over."""
    completed = stage.engine.completed()
    missing = stage.registrations.keys() - completed.keys()
    if missing:
        yield f"{len(missing)} of {len(stage.registrations)} registrations did not complete"
    for key, times in completed.items():
        if times != 1:
            yield f"instance {key} completed {times} times"
    if left := stage.engine.open_incidents():
        yield f"{left} incidents are still open"


async def counters(stage: Stage) -> list[str]:
    """Where the counters of the replicas differ from the engine's records."""
    summed: Counter[str] = Counter()
    for replica in stage.replicas:
        for (name, labels), value in (await replica.metrics()).items():
            summed[name + dict(labels).get("outcome", "")] += int(value)
    jobs = len(stage.engine.records("JOB", "COMPLETED"))
    incidents = [each["value"] for each in stage.engine.records("INCIDENT", "CREATED")]
    # One that comes and goes between two looks at Operate is seen by nobody.
    places = {(each["processInstanceKey"], each["elementId"]) for each in incidents}
    expected = {
        "workflow_jobs_totalcompleted": (jobs, jobs),
        "workflow_incidents_total": (len(places), len(incidents)),
        "workflow_events_totalpublished": (stage.events, stage.events),
    }
    return [
        f"{name}: {summed[name]}, the engine has {least} to {most}"
        for name, (least, most) in expected.items()
        if not least <= summed[name] <= most
    ]
