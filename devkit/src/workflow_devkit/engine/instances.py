"""Element instances: the tokens, their scopes and variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from workflow_devkit.engine.executable import Flow, Node, Process

if TYPE_CHECKING:
    from workflow_devkit.engine.incidents import Incident
    from workflow_devkit.engine.job import Job
    from workflow_devkit.engine.subscriptions import Subscription

__all__ = ["Instance", "State", "Token", "View"]


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

    ``pending`` counts flows that are taken but have not yet activated their target: a scope
    with pending flows is not at its end (semantics#scope-ends). ``joins`` counts taken flows per
    gateway.
    ``interruptor`` has ended what ran in this scope, for good: an event sub-process or a terminate
    end event. ``reached`` is the interrupting event that has happened to this token: after it
    only boundary events can, after one of these nothing. ``counter`` numbers the inner activities
    of a multi-instance body. ``children`` are keys in the order of their begin: a dictionary of
    numbers costs the garbage collector nothing, however many instances wait.
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
        """Takes a token into this scope."""
        if self.children is None:
            self.children = {}
        self.children[child.key] = None

    def remove_child(self, child: Token) -> None:
        """Lets a token go."""
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
    """A process instance: the root of its tokens, and whoever called or awaits it."""

    __slots__ = ("caller", "correlation", "process", "result")

    def __init__(self, key: int, process: Process, caller: Token | None = None) -> None:
        super().__init__(key, process.root, None)
        self.process = process
        self.caller = caller
        self.correlation: tuple[str, str] | None = None
        self.result: Any = None

    @property
    def instance(self) -> Instance:  # type: ignore[override]
        """Itself: stored, it would be a cycle, and left to the garbage collector at its end."""
        return self


class View(Mapping[str, Any]):
    """What an expression in a scope sees: the nearest scope wins (semantics#variable-scopes)."""

    __slots__ = ("_extra", "_token")

    def __init__(self, token: Token | None, extra: Mapping[str, Any] | None = None) -> None:
        self._token = token
        self._extra = extra

    def __getitem__(self, name: str) -> Any:
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        token = self._token
        while token is not None:
            if token.locals is not None and name in token.locals:
                return token.locals[name]
            token = token.parent
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        if self._extra is not None and name in self._extra:
            return True
        token = self._token
        while token is not None:
            if token.locals is not None and name in token.locals:
                return True
            token = token.parent
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.merged())

    def __len__(self) -> int:
        return len(self.merged())

    def merged(self) -> dict[str, Any]:
        """All visible variables."""
        layers: list[Mapping[str, Any]] = []
        token = self._token
        while token is not None:
            if token.locals:
                layers.append(token.locals)
            token = token.parent
        merged: dict[str, Any] = {}
        for layer in reversed(layers):
            merged.update(layer)
        if self._extra:
            merged.update(self._extra)
        return merged
