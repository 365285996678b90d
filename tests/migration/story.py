"""What is done with a service, as data: the same for both of its sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Start:
    """A process is started by command."""

    process: str
    scope: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """A message is published; ``waits_at`` is the element that has to wait for it by then."""

    name: str
    key: str
    scope: Mapping[str, Any] = field(default_factory=dict)
    waits_at: str = ""


@dataclass(frozen=True)
class Post:
    """A request to a service that is a web application; its answer is a fact."""

    path: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Script:
    """A script beside the worker, ``before_NAME.py`` or ``after_NAME.py``; its output is a fact.

    ``waits_at`` as in `Event`.
    """

    name: str
    arguments: tuple[str, ...] = ()
    waits_at: str = ""


@dataclass(frozen=True)
class Run:
    """One run of a service.

    Attributes:
        of: the value of the story's variable, by which the run's instances are known.
        calls: what is done, in this order.
        end: a fact about the end that holds on both sides, unless it is among the differences.
        instances: how many begin.
        differs: what is otherwise on purpose: fact -> (with pyzeebe, with the runtime).
        why: the reason for it.
    """

    of: str
    calls: tuple[Start | Event | Post | Script, ...]
    end: str = "rest"
    instances: int = 1
    differs: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Story:
    """A service and its runs.

    Attributes:
        service: its folder.
        variable: the variable that names a run; unique values, the same on both sides.
        runs: what is done.
        web: whether it listens on ``PORT``.
        says: what it writes to its log.
        ends: the exit code after the move, on SIGTERM.
    """

    service: str
    variable: str
    runs: tuple[Run, ...]
    web: bool = False
    says: str = ""
    ends: int = 0
