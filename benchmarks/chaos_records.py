"""What the engine's records and the replicas' notes say of a chaos run; both grow meanwhile."""

import itertools
import json
from collections import Counter, defaultdict
from typing import NamedTuple

ACTIVATED = "activated"
FAILED = "failed"
TIMED_OUT = "timed out"
GIVEN_BACK = "given back by a gateway that has lost its client"
FAILED_AGAIN = "failed once more by a command that was sent again"
HANDED_BACK = "handed back by its service"
"""Ends of an activation. A command names its job and not the activation: one that is sent again,
because its answer was lost, may end the next one."""


class Run(NamedTuple):
    pid: int
    at: int


class Tail:
    """The complete lines that a file has got since it was last asked."""

    def __init__(self, path):
        path.touch()
        self._path, self._at = path, 0

    def lines(self):
        with self._path.open("rb") as file:
            file.seek(self._at)
            *lines, rest = file.read().split(b"\n")
            self._at = file.tell() - len(rest)
        return lines


class Records:
    """Times are milliseconds since 1970, as in the records."""

    def __init__(self, folder):
        self._tail = Tail(folder / "records")
        self._failures = {}
        self.numbers = {}
        """The ``n`` of each instance."""
        self.completed, self.incidents = set(), set()
        self.steps = defaultdict(list)
        """Of each job, in order: when it was activated, or an activation ended, and by what."""
        self.activations = 0
        self.messages = []
        """Correlation key and id, in the order in which the engine took them."""

    def read(self):
        for line in self._tail.lines():
            record = json.loads(line)
            add = getattr(self, "_" + record["valueType"].lower())
            add(record["intent"], record, record["value"])

    def _variable(self, intent, _record, value):
        if (intent, value["name"]) == ("CREATED", "n"):
            self.numbers[value["processInstanceKey"]] = int(value["value"])

    def _process_instance(self, intent, record, value):
        if (intent, value["bpmnElementType"]) == ("ELEMENT_COMPLETED", "PROCESS"):
            self.completed.add(record["key"])

    def _incident(self, intent, _record, value):
        if intent == "CREATED":
            self.incidents.add(value["processInstanceKey"])

    def _job_batch(self, intent, record, value):
        if intent == "ACTIVATED":
            self.activations += len(value["jobKeys"])
            for key in value["jobKeys"]:
                self.steps[key].append((record["timestamp"], ACTIVATED))

    def _job(self, intent, record, value):
        key, failure = record["key"], (value["retries"], value["errorMessage"])
        if intent in {"FAILED", "TIMED_OUT"}:
            how = TIMED_OUT if intent == "TIMED_OUT" else self._how_failed(key, failure)
            self.steps[key].append((record["timestamp"], how))
        self._failures[key] = failure

    def _how_failed(self, key, failure):
        left, message = failure
        left_before, message_before = self._failures[key]
        if left != left_before:
            return FAILED
        if not message:
            return GIVEN_BACK
        return FAILED_AGAIN if message == message_before else HANDED_BACK

    def _message(self, intent, _record, value):
        # By its claims replicas agree on who tells of an incident: they are no events.
        if intent == "PUBLISHED" and value["name"] != "workflowRuntimeClaim":
            self.messages.append((value["correlationKey"], value["messageId"]))


class Notes:
    """What the replicas have noted."""

    def __init__(self, folder):
        self._tail = Tail(folder / "notes")
        self.runs = defaultdict(list)
        """Of each job: its handler's calls."""
        self.resent, self.events = Counter(), Counter()

    def read(self):
        for line in self._tail.lines():
            kind, *words = line.decode().split()
            if kind == "run":
                key, pid, at = map(int, words)
                self.runs[key].append(Run(pid, at))
            elif kind == "resent":
                self.resent[words[0]] += 1
            else:
                self.events[words[0]] += 1


def doubled(records, notes, forced):
    """How often a handler was called again though no failure had asked for it, by the reason.

    At least once forces that where the engine cannot know what has become of an activation:
    ``forced(run, end, how)`` says by what, or "" where nothing was in the way.
    """
    reasons = Counter()
    for key, runs in notes.runs.items():
        runs.sort(key=lambda run: run.at)
        for run, again in itertools.pairwise(runs):
            end, how = end_of(run, again, records.steps[key])
            if how != FAILED:
                reasons[how, forced(run, end, how)] += 1
    return reasons


def end_of(run, again, steps):
    """When the activation of a call ended before the next call, and by what."""
    activated = (
        place for place, (at, how) in enumerate(steps) if how == ACTIVATED and at <= run.at
    )
    # By their order: what ended the activation before may have happened in the same millisecond.
    later = steps[max(activated, default=0) :]
    ends = (each for each in later if each[1] != ACTIVATED and each[0] <= again.at)
    return next(ends, (again.at, "called twice"))
