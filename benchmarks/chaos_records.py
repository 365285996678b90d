"""What the engine's records and the replicas' notes say of a chaos run; both grow meanwhile."""

import itertools
import json
from collections import Counter, defaultdict
from typing import NamedTuple


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
        self._job_steps = {}
        self.numbers = {}
        """The ``n`` of each instance."""
        self.completed, self.incidents = set(), set()
        self.steps = defaultdict(list)
        """Of each job: when something ended an activation, and what."""
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

    def _job_batch(self, intent, _record, value):
        if intent == "ACTIVATED":
            self.activations += len(value["jobKeys"])

    def _job(self, intent, record, value):
        key, left = record["key"], value["retries"]
        if intent == "FAILED" and left == self._job_steps.get(key):
            intent = "HANDED_BACK"
        self._job_steps[key] = left
        if intent in {"FAILED", "HANDED_BACK", "TIMED_OUT"}:
            self.steps[key].append((record["timestamp"], intent))

    def _message(self, intent, _record, value):
        if intent == "PUBLISHED":
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

    At least once forces that where an activation's end never reached the engine: it timed out,
    and ``forced(run, end)`` says by what, or "" where nothing was in the way.
    """
    reasons = Counter()
    for key, runs in notes.runs.items():
        runs.sort(key=lambda run: run.at)
        for run, again in itertools.pairwise(runs):
            steps = (step for step in records.steps[key] if run.at <= step[0] <= again.at)
            end, intent = next(steps, (again.at, "NOTHING"))
            if intent == "TIMED_OUT":
                reasons[forced(run, end) or "timed out, and nothing was in the way"] += 1
            elif intent != "FAILED":
                reasons[f"after {intent.lower().replace('_', ' ')}"] += 1
    return reasons
