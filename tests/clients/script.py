"""What every client's program does with the engine, and what has to come of it.

The programs (``java/``, ``node/``, ``rust/``) play the same steps, each with its own client, and
print what happened as JSON: a report with these keys. A step that a client cannot play stands in
`LEFT_OUT` with the reason.
"""

from typing import NamedTuple

NOBODY = "2251799813685999"

REPORT = {
    "topology": {
        "size": 1,
        "partitions": 1,
        "replication": 1,
        "gateway": "8.4.1",
        "broker": "8.4.1",
        "partition": "LEADER HEALTHY",
    },
    "deploy": ["alarm 1 alarm.bpmn", "greeting 1 greeting.bpmn"],
    "deploy again": {"same": True, "version": 1},
    "create": ["greeting 1", "greeting 1"],
    "create by key": "greeting 1",
    "job": {
        "type": "greet",
        "process": "greeting 1",
        "element": "greet",
        "worker": "clerk",
        "retries": 3,
        "headers": {"tone": "warm"},
        "variables": {"name": "ann"},
        "deadline": True,
    },
    "fail": {"same": True, "retries": 1, "waited": True, "seen": True},
    "incident": {"retries": 2},
    "timeouts": {"shortened": True, "kept too long": True},
    "set variables": {"mood": "private"},
    "result": {
        "name": "ann",
        "extra": 1,
        "mood": "good",
        "greeting": "hello ann",
        "answer": 42,
    },
    "throw error": {"name": "bob"},
    "buffered message": {"answer": 42},
    "signal": {"where": "roof"},
    "polling worker": ["roof 3", "cellar 2", "hall 3"],
    "streaming worker": ["roof 3", "cellar 2", "hall 3"],
}


class Refusal(NamedTuple):
    """A status and a part of its text."""

    code: str
    text: str


def _unknown(what):
    return Refusal("NOT_FOUND", f"with key '{NOBODY}', but no such {what} was found")


REFUSALS = {
    "message id": Refusal("ALREADY_EXISTS", "a new message with id 'once'"),
    "result too late": Refusal("DEADLINE_EXCEEDED", "Time out between gateway and broker"),
    "deploy broken": Refusal("INVALID_ARGUMENT", "Element: work"),
    "deploy table": Refusal("INVALID_ARGUMENT", "'tariff.csv': unknown resource type"),
    "create unknown": Refusal("NOT_FOUND", "process ID 'unknown', but none found"),
    "cancel unknown": _unknown("process"),
    "complete unknown": _unknown("job"),
    "fail unknown": _unknown("job"),
    "throw unknown": _unknown("job"),
    "retries unknown": _unknown("job"),
    "timeout unknown": _unknown("job"),
    "resolve unknown": _unknown("incident"),
    "set unknown": _unknown("element"),
    "foreign tenant": Refusal("INVALID_ARGUMENT", "tenant identifier 'others'"),
    "foreign jobs": Refusal("INVALID_ARGUMENT", "ActivateJobs with tenant identifier 'others'"),
}

BEYOND = {
    "delete resource": Refusal("UNIMPLEMENTED", "does not delete resources"),
    "evaluate decision": Refusal("UNIMPLEMENTED", "does not evaluate decisions (DMN)"),
    "modify": Refusal("UNIMPLEMENTED", "does not modify process instances"),
    "migrate": Refusal("UNIMPLEMENTED", "does not migrate process instances"),
    "start at element": Refusal("UNIMPLEMENTED", "does not start instances at given elements"),
}
"""What a broker does and the engine does not do today: it says so. A row goes when it does."""

STEPS = (*REPORT, *REFUSALS, *BEYOND)

LEFT_OUT = {
    "@camunda8/sdk": {
        "create by key": "its gRPC client starts by process id only",
        "foreign jobs": "it sends its own tenant, whatever it is asked for",
    },
    "zeebe-rs": {
        "foreign jobs": "its workers keep to themselves that they are refused",
        "result too late": "it cannot say how long it waits for a result",
        "streaming worker": "its workers only poll",
        "start at element": "it knows no start instructions",
    },
}
"""Client -> step -> why it cannot play it."""


def check(report, step):
    """Compares one step of a client's report with what has to come of it."""
    if step in REPORT:
        assert report[step] == REPORT[step]
        return
    code, text = (REFUSALS | BEYOND)[step]
    answer = report[step]
    assert isinstance(answer, dict), answer
    assert answer["code"] == code
    assert text in answer["text"]
