"""What an engine remembers: element instances, jobs, incidents, subscriptions, messages.

Only data, which refers to each other in all directions: an element instance to its job, the job to
its element instance. What happens to it is in the managers (`Jobs`, `Incidents`, `Messages`, …),
which import this file and not each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

from workflow_devkit.engine.executable import Flow, Node, Process
from workflow_devkit.engine.failures import Failure

__all__ = [
    "ENDED",
    "OPEN",
    "Incident",
    "Instance",
    "Job",
    "JobState",
    "LoopState",
    "Message",
    "MessageSubscription",
    "SignalSubscription",
    "State",
    "Subscription",
    "TimerSubscription",
    "Token",
    "Trigger",
]


class State(Enum):
    """Where an element instance is in its life."""

    ACTIVATING = auto()
    ACTIVATED = auto()
    COMPLETING = auto()
    COMPLETED = auto()
    TERMINATING = auto()
    TERMINATED = auto()


ENDED = frozenset({State.COMPLETED, State.TERMINATED})


class Token:
    """An element instance.

    Attributes:
        pending: flows that are taken but have not yet activated their target: a scope with
            pending flows is not at its end (semantics#scope-ends).
        joins: how often each flow into a gateway was taken, per gateway.
        interruptor: what has ended everything that ran in this scope, for good: an event
            sub-process or a terminate end event.
        reached: the interrupting event that has happened to this token: after it only boundary
            events can, after one of these nothing.
        counter: the number of this inner activity in its multi-instance body, from 1.
        children: keys in the order of their begin. A dictionary of numbers costs the garbage
            collector nothing, however many instances wait.
        trigger: the event that it begins with, or that it goes on with when it is terminated.
        finishing: the event or the job that makes it complete.
    """

    __slots__ = (
        "called", "children", "chosen", "counter", "finishing", "incident", "instance",
        "interruptor", "job", "joins", "key", "locals", "loop", "node", "parent", "pending",
        "reached", "state", "subscriptions", "trigger", "variable_keys",
    )  # fmt: skip

    instance: Instance

    def __init__(self, key: int, node: Node, parent: Token | None) -> None:
        self.key = key
        self.node = node
        self.parent = parent
        if parent is not None:
            self.instance = parent.instance
        self.state = State.ACTIVATING
        self.interruptor: Node | None = None
        self.reached: Node | None = None
        self.counter = 0
        # None until it is needed, here and below: most tokens need hardly any of these.
        self.locals: dict[str, Any] | None = None
        self.variable_keys: dict[str, int] | None = None
        self.children: dict[int, None] | None = None
        self.pending = 0
        self.joins: dict[str, dict[str, int]] | None = None
        self.job: Job | None = None
        self.incident: Incident | None = None
        self.subscriptions: list[Subscription] | None = None
        self.trigger: Trigger | None = None
        self.finishing: Trigger | None = None
        self.loop: LoopState | None = None
        self.chosen: list[Flow] | None = None
        self.called: Instance | None = None

    @property
    def active_children(self) -> int:
        """How many element instances run inside."""
        return len(self.children) if self.children else 0

    def add_child(self, child: Token) -> None:
        """Takes a token that begins into this scope."""
        if self.children is None:
            self.children = {}
        self.children[child.key] = None

    def remove_child(self, child: Token) -> None:
        """Takes a token that has ended out of this scope."""
        if self.children is not None:
            self.children.pop(child.key, None)

    def __repr__(self) -> str:
        return f"Token({self.key}, {self.node.id}, {self.state.name})"


class Trigger:
    """An event that has happened to a token: which element catches it, with which variables."""

    __slots__ = ("node", "variables")

    def __init__(self, node: Node, variables: Mapping[str, Any]) -> None:
        self.node = node
        self.variables = variables


class LoopState:
    """How many inner activities of a multi-instance body have begun and ended."""

    __slots__ = ("completed", "started", "terminated")

    def __init__(self) -> None:
        self.started = 0
        self.completed = 0
        self.terminated = 0


class Instance(Token):
    """A process instance: the root of its tokens, and whoever called or awaits it.

    Attributes:
        correlation: process id and correlation key of the message that has started it.
        result: called with the final scope, or with None when the instance is cancelled.
    """

    __slots__ = ("caller", "correlation", "process", "result")

    def __init__(self, key: int, process: Process, caller: Token | None = None) -> None:
        super().__init__(key, process.root, None)
        self.process = process
        self.caller = caller
        self.correlation: tuple[str, str] | None = None
        self.result: Callable[[Mapping[str, Any] | None], None] | None = None

    @property
    def instance(self) -> Instance:  # type: ignore[override]
        """Itself: stored, it would be a cycle, and left to the garbage collector at its end."""
        return self


class JobState(Enum):
    """Where a job is in its life."""

    ACTIVATABLE = auto()
    ACTIVATED = auto()
    FAILED = auto()
    ERROR_THROWN = auto()


OPEN = frozenset({JobState.ACTIVATABLE, JobState.ACTIVATED})
"""States in which a job takes its end (semantics#job-open-states)."""
# One for all jobs that have no variables of their own; nobody writes to it.
_NONE: Mapping[str, Any] = {}


class Job:
    """A piece of work for somebody outside; moments are Unix time in milliseconds, -1 for none.

    Attributes:
        deadline: when whoever has it must be done.
        backoff: milliseconds that the last failure asked to wait.
        recurring: when that wait is over.
        lost: whether an error was thrown that nobody has caught.
    """

    __slots__ = (
        "backoff", "deadline", "error_code", "headers", "key", "lost", "message", "recurring",
        "retries", "state", "token", "type", "variables", "worker",
    )  # fmt: skip

    def __init__(
        self, key: int, job_type: str, retries: int, headers: Mapping[str, str], token: Token
    ) -> None:
        self.key = key
        self.type = job_type
        self.retries = retries
        self.headers = headers
        self.token = token
        self.state = JobState.ACTIVATABLE
        self.worker = ""
        self.deadline = -1
        self.backoff = 0
        self.recurring = -1
        self.message = ""
        self.error_code = ""
        self.lost = False
        self.variables: Mapping[str, Any] = _NONE

    @property
    def element_id(self) -> str:
        """The id of its element, which Zeebe forgets when nobody has caught an error."""
        return "NO_CATCH_EVENT_FOUND" if self.lost else self.token.node.id


class Incident:
    """An element that cannot go on; ``retry`` is what resolving the incident does."""

    __slots__ = ("error_type", "job", "key", "message", "retry", "scope_key", "token")

    def __init__(
        self,
        key: int,
        token: Token,
        failure: Failure,
        retry: Callable[[], None],
        job: Job | None = None,
    ) -> None:
        self.key = key
        self.token = token
        self.error_type = failure.error_type
        self.message = failure.message
        self.scope_key = failure.scope_key or token.key
        self.retry = retry
        self.job = job


class Subscription:
    """A token (or, for start events, nobody) waits for the event of a node."""

    __slots__ = ("interrupting", "key", "node", "open", "token")

    def __init__(self, key: int, node: Node, token: Token | None) -> None:
        self.key = key
        self.node = node
        self.token = token
        # Told by a flag, as closed ones may still be in lists that somebody goes through.
        self.open = True
        self.interrupting = node.interrupting


class MessageSubscription(Subscription):
    """Waits for a message with this name and key; one message at a time is on its way to it."""

    __slots__ = ("correlating", "correlation_key", "name")

    def __init__(
        self, key: int, node: Node, token: Token | None, name: str, correlation_key: str
    ) -> None:
        super().__init__(key, node, token)
        self.name = name
        self.correlation_key = correlation_key
        self.correlating = False


class SignalSubscription(Subscription):
    """Waits for a signal of this name."""

    __slots__ = ("name",)

    def __init__(self, key: int, node: Node, token: Token | None, name: str) -> None:
        super().__init__(key, node, token)
        self.name = name


class TimerSubscription(Subscription):
    """Waits for a moment.

    Attributes:
        due: Unix time in milliseconds.
        repetitions: how often it comes, this time included; -1 is for ever.
        following: the moment after a moment, of a cycle; None where none comes.
    """

    __slots__ = ("due", "following", "instance_key", "repetitions")

    def __init__(
        self,
        key: int,
        node: Node,
        token: Token | None,
        due: int,
        repetitions: int = 1,
        following: Callable[[int], int | None] | None = None,
    ) -> None:
        super().__init__(key, node, token)
        self.due = due
        self.repetitions = repetitions
        self.following = following
        self.instance_key = token.instance.key if token else -1


class Message:
    """A published message.

    Attributes:
        deadline: until when it waits in the buffer (Unix time in milliseconds).
        correlated: the process ids that it has reached: each of them once
            (semantics#message-correlates-once).
    """

    __slots__ = ("correlated", "correlation_key", "deadline", "id", "key", "name", "variables")

    def __init__(
        self, key: int, name: str, correlation_key: str, deadline: int,
        message_id: str, variables: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.key = key
        self.name = name
        self.correlation_key = correlation_key
        self.deadline = deadline
        self.id = message_id
        self.variables = variables
        self.correlated: set[str] = set()
