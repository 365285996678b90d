"""Parts of lint's sentences about refusals that depend on what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.engine.deploy_rules import Refusal
from workflow_devkit.lint.events import allowed_events
from workflow_runtime.versions import ELEMENTS, OLDEST

EXAMPLES: Final = {
    "timeDuration": "an ISO 8601 duration such as PT15M or P1DT2H",
    "timeDate": "an ISO 8601 date and time such as 2030-01-31T09:00:00Z",
    "timeCycle": "R3/PT1H, R/P1D, or cron with seconds first such as 0 0 9 * * MON-FRI",
}
"""How the three forms of a timer are written."""
_TIMES: Final = {"timeDuration": "duration", "timeDate": "date and time", "timeCycle": "cycle"}
_WHERE: Final[Mapping[str, str]] = {
    "zeebe:input": "an input mapping",
    "zeebe:output": "an output mapping",
    "zeebe:subscription": "a correlation key",
    "zeebe:script": "a script",
    "zeebe:calledElement": "a called process",
    "zeebe:calledDecision": "a called decision",
    "conditionExpression": "a condition",
    "timerEventDefinition": "a timer",
    "multiInstanceLoopCharacteristics": "a completion condition",
    "message": "a message name",
    "signal": "a signal name",
    "error": "an error code",
    "escalation": "an escalation code",
}
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "inputCollection": "an input collection",
    "outputElement": "an output element",
    "type": "a task type",
}
"""Where one element has several: an attribute that is in neither table stands as it is."""


def where(refusal: Refusal) -> str:
    """What a text is that may be an expression: ``a condition``."""
    attribute = refusal.facts.get("attribute", "")
    if attribute == "source":
        return f"{_WHERE[refusal.tag]} to {refusal.facts['target']}"
    return _WHERE.get(refusal.tag) or _ATTRIBUTES.get(attribute, f"{attribute}")


def not_executable(refusal: Refusal) -> str:
    """The message about a file that has nothing to run."""
    return "is not executable" if refusal.facts["count"] else "has no process"


def not_run(refusal: Refusal) -> str:
    """The message about an element that Zeebe does not run, and which version does."""
    return not_run_here(refusal.facts["tag"], refusal.facts.get("event", ""))


def not_run_here(tag: str, event: str) -> str:
    """Says that Zeebe does not run an element, and which version does; ``event`` may be empty."""
    since = ELEMENTS.get(event or tag)
    newer = f" ({since} does)" if since else ""
    return f"is {shown(tag, event)}, which Zeebe {OLDEST} does not run{newer}"


def shown(tag: str, event: str = "") -> str:
    """Names an element by its tag, an event also by what it is about."""
    # Without u: a userTask.
    article = "an" if tag[0] in "aeio" else "a"
    return f"{article} {tag} with {event}" if event else f"{article} {tag}"


def instead(refusal: Refusal) -> str:
    """The remedy for an element that Zeebe does not run: what to draw in its place."""
    return alternatives(refusal.facts["tag"])


def alternatives(tag: str) -> str:
    """What an element with this tag may be about; for what is no event, what there is."""
    kinds = sorted(kind.value.lower() for kind in allowed_events(tag))
    if kinds:
        return f"expected one of: {', '.join(kinds)}"
    return "draw it with tasks, sub-processes, call activities, events and gateways that it runs"


def caught_twice(refusal: Refusal) -> str:
    """The message about an event that is caught twice in one place."""
    facts = refusal.facts
    name = facts.get("name") or facts.get("code")
    what = f"{facts['kind']} {name!r}" if name else f"every {facts['kind']}"
    return f"catches {what}, as {facts['first']} does in the same place"


def not_one_implementation(refusal: Refusal) -> str:
    """The message about a task with no implementation, or with several."""
    tags = dict.fromkeys((refusal.facts["extension"], "taskDefinition"))
    wanted = " or ".join(f"zeebe:{tag}" for tag in tags)
    return f"needs exactly one {wanted}, has {'more' if refusal.facts['count'] else 'none'}"


def as_expression(refusal: Refusal) -> str:
    """The remedy for a static text where an expression is needed."""
    return f"begin it with =, as in ={refusal.facts['text'].lstrip('=') or 'name'}"


def expected_times(refusal: Refusal) -> str:
    """The remedy that lists which forms a timer may have in its place."""
    # The fact is there only where a cycle is not allowed (semantics#timer-cycle-passive).
    forms = ("timeDuration", "timeDate", *(() if "tag" in refusal.facts else ("timeCycle",)))
    return f"expected one of: {', '.join(forms)}"


def wrong_time(refusal: Refusal) -> str:
    """The message about a timer that cannot be read, or not without variables."""
    facts = refusal.facts
    word = _TIMES[facts["form"]]
    if not facts["text"]:
        return f"has an empty {facts['form']}"
    if facts["text"].startswith("="):
        return (
            f"starts by {facts['text']!r}, which is no {word}: no variables exist before a process "
            "instance does"
        )
    return f"waits for {facts['text']!r}, which is no {word}"


def expected_time(refusal: Refusal) -> str:
    """The remedy that shows how a timer of this form is written."""
    facts = refusal.facts
    computed = "" if facts["text"].startswith("=") else ", or an expression that starts with ="
    return f"expected {EXAMPLES[facts['form']]}{computed}"
