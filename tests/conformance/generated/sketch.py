"""Random valid diagrams, in the notation of ``diagrams.py``, drawn by hypothesis.

A diagram is a chain of blocks with one way in and one way out (a task, a gateway with its branches
and its join, a sub-process, …), so that it is always well formed; jobs, messages, signals, error
and escalation codes come from small pools, so that they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]
Way = tuple[str, str]

JOBS = ("j0", "j1", "j2")
MESSAGES = ("m0", "m1", "m2", "go")
SIGNALS = ("s0", "s1")
ERRORS = ("E0", "E1", "")
ESCALATIONS = ("C0", "C1", "")
VALUES = ("=x", '"=x + 1"', "=y", "=items", "text", "=missing.deep", '"={a: x, b: y}"')
COMPUTED = tuple(value for value in VALUES if "=" in value)
CONDITIONS = ("=x > 5", "=x = 1", "=true", "=false", "=y")
DEEPEST = 2


@dataclass
class Sketch:
    """One process in the making: its lines, and ids that are not taken yet."""

    draw: Draw
    calls: bool = True
    lines: list[str] = field(default_factory=list)
    indent: int = 0
    taken: int = 0
    ids: list[str] = field(default_factory=list)
    scopes: set[str] = field(default_factory=set)

    def text(self) -> str:
        """The whole process."""
        self.scope(0, self.one_of(BEGINNINGS) if self.calls else "")
        return "\n".join(self.lines) + "\n"

    def one_of(self, choices: Sequence[T]) -> T:
        """One of several; shrinks to the first."""
        found: T = self.draw(st.sampled_from(choices))
        return found

    def some(self, least: int, most: int) -> range:
        """So many times."""
        return range(self.draw(st.integers(least, most)))

    def maybe(self, text: str, out_of: int = 3) -> str:
        """A text, once in a while."""
        return text if self.draw(st.integers(0, out_of)) == out_of else ""

    def add(self, kind: str, *attributes: str) -> str:
        """A new element; its id."""
        self.taken += 1
        name = f"{kind[0]}{self.taken}"
        self.ids.append(name)
        words = [kind, name, *(a for a in attributes if a)]
        self.lines.append("  " * self.indent + " ".join(words))
        if kind in {"sub", "call"}:
            self.scopes.add(name)
        return name

    def link(self, *names: str, more: str = "") -> None:
        """A sequence flow, or a chain of them."""
        self.lines.append("  " * self.indent + " -> ".join(names) + more)

    def scope(self, depth: int, start: str = "") -> None:
        """A start, what comes after it, an end; beside it, event sub-processes."""
        names = [self.add("start", *start.split())]
        for _ in self.some(1, 3):
            first, last = self.block(depth)
            self.link(names[-1], first)
            names.append(last)
        self.link(names[-1], self.end())
        if depth <= DEEPEST:
            self.event_sub_processes()

    def end(self) -> str:
        """How a path ends."""
        code = self.one_of(ERRORS[:2])
        kinds = (
            "", "", "terminate", f"error={code}", "escalation=C0", f"signal={self.one_of(SIGNALS)}",
            f"message=out job={self.one_of(JOBS)}",
        )  # fmt: skip
        return self.add("end", *self.one_of(kinds).split())

    def block(self, depth: int) -> Way:
        """One step of a chain."""
        blocks = [self.job, self.job, self.plain, self.catch, self.throw]
        if depth < DEEPEST:
            blocks += [self.choice, self.fork, self.inclusive, self.events, self.sub, self.jump]
            blocks += [self.again]
            blocks += [self.call] if self.calls else []
        return self.one_of(blocks)(depth)

    def job(self, _: int) -> Way:
        """A task that is done outside, with events at its boundary."""
        kind = self.one_of(("service", "send", "rule", "script"))
        name = self.add(
            kind, f"job={self.one_of(JOBS)}", self.inputs(), self.outputs(), self.loop()
        )
        self.boundaries(name)
        return name, name

    def plain(self, _: int) -> Way:
        """A task that is done here, or waits for a message."""
        kinds = ("script", "task", "manual", "receive")
        kind = self.one_of(kinds)
        if kind == "script":
            name = self.add(
                kind, f"eval={self.one_of(VALUES[:4])} into=r", self.outputs(), self.loop()
            )
        elif kind == "receive":
            name = self.add(
                kind, f"message={self.one_of(MESSAGES)} key==k", self.outputs(), self.loop()
            )
            self.boundaries(name, taken=MESSAGES)
        else:
            name = self.add(kind)
        return name, name

    def catch(self, _: int) -> Way:
        """An intermediate event that is waited for."""
        name = self.add("catch", self.awaited(), self.outputs())
        return name, name

    def awaited(self) -> str:
        """A timer, a message or a signal."""
        return self.one_of(
            (
                "timer.duration=PT10S",
                f"message={self.one_of(MESSAGES)} key==k",
                f"signal={self.one_of(SIGNALS)}",
            )
        )

    def throw(self, _: int) -> Way:
        """An intermediate event that happens."""
        kinds = (
            "", f"signal={self.one_of(SIGNALS)}", "escalation=C1",
            f"message=out job={self.one_of(JOBS)}",
        )  # fmt: skip
        name = self.add("throw", *self.one_of(kinds).split())
        return name, name

    def jump(self, _: int) -> Way:
        """A link."""
        self.taken += 1
        link = f"link=L{self.taken}"
        return self.add("throw", link), self.add("catch", link)

    def again(self, depth: int) -> Way:
        """A way back, until a count is reached."""
        first, count = self.add("xor"), self.add("script", 'eval="=x + 1" into=x')
        inside = self.block(depth + 1)
        last = self.add("xor")
        self.link(first, count, inside[0])
        self.link(inside[1], last)
        self.link(last, first, more=" if =x < 4")
        after = self.add("task")
        self.link(last, after, more=" default")
        return first, after

    def choice(self, depth: int) -> Way:
        """Exclusive branches, with or without a default."""
        return self.branches("xor", "xor", depth, self.conditions)

    def inclusive(self, depth: int) -> Way:
        """Inclusive branches: each token goes on by itself."""
        return self.branches("or", "xor", depth, self.conditions)

    def fork(self, depth: int) -> Way:
        """Parallel branches that join, or each go on."""
        return self.branches("and", self.one_of(("and", "and", "xor")), depth, lambda n: [""] * n)

    def conditions(self, count: int) -> list[str]:
        """For each flow one; the last may be the default."""
        found = [f" if {self.one_of(CONDITIONS)}" for _ in range(count)]
        return [*found[:-1], self.one_of((" default", found[-1]))]

    def branches(self, split: str, join: str, depth: int, flows: Callable[[int], list[str]]) -> Way:
        """A gateway, its branches and where they meet."""
        first, last = self.add(split), self.add(join)
        for number, more in enumerate(flows(len(self.some(2, 3)))):
            # Two flows with the same ends would have the same id.
            inside = [self.block(depth + 1) for _ in self.some(1 if number else 0, 1)]
            self.link(first, inside[0][0] if inside else last, more=more)
            if inside:
                self.link(inside[-1][1], last)
        return first, last

    def events(self, _: int) -> Way:
        """An event-based gateway: the first of its events goes on."""
        first, last = self.add("events"), self.add("xor")
        kinds = ["timer.duration=PT10S", *(f"message={m} key==k" for m in MESSAGES[:2]),
                 f"signal={SIGNALS[0]}"]  # fmt: skip
        for kind in kinds[: 2 + len(self.some(0, 2))]:
            self.link(first, self.add("catch", kind, self.outputs()), last)
        return first, last

    def sub(self, depth: int) -> Way:
        """A sub-process, maybe one for each item."""
        name = self.add("sub", self.inputs(), self.outputs(), self.loop())
        self.indent += 1
        self.scope(depth + 1)
        self.indent -= 1
        self.boundaries(name)
        return name, name

    def call(self, _: int) -> Way:
        """The other process."""
        flags = self.one_of(("", "noparent", "nochild"))
        name = self.add("call", "process=child", flags, self.inputs(), self.outputs(), self.loop())
        self.boundaries(name)
        return name, name

    def inputs(self) -> str:
        """An input mapping, maybe."""
        return self.maybe(f"in.{self.one_of(('a', 'x'))}={self.one_of(VALUES)}")

    def outputs(self) -> str:
        """An output mapping, maybe."""
        return self.maybe(f"out.{self.one_of(('y', 'x', 'o.p'))}={self.one_of(COMPUTED)}")

    def loop(self) -> str:
        """Multi-instance, maybe."""
        collect = self.one_of(("", " collect=all result==r", " collect=all result==item"))
        until = self.one_of(("", ' until="=numberOfCompletedInstances > 1"', " until==y"))
        order = self.one_of(("", " sequential"))
        return self.maybe(f"each==items item=item{collect}{until}{order}", out_of=5)

    def boundaries(self, on: str, taken: Sequence[str] = ()) -> None:
        """Events at the boundary of an activity, each with its own way on."""
        possible = BOUNDARIES if on in self.scopes else BOUNDARIES[:-3]
        kinds = dict.fromkeys(self.one_of(possible) for _ in self.some(0, 2))
        for kind in kinds:
            if any(f"message={name} " in kind for name in taken):
                continue
            only = kind.startswith("error") or kind in THROWN
            may_stay = "" if only else self.one_of(("", "passive"))
            name = self.add("boundary", f"on={on}", kind, may_stay, self.outputs())
            self.link(name, self.end())

    def event_sub_processes(self) -> None:
        """Event sub-processes of a scope."""
        for kind in dict.fromkeys(self.one_of(STARTS) for _ in self.some(0, 2)):
            only = kind.startswith("error") or kind in THROWN
            may_stay = "" if only else self.one_of((" passive", ""))
            self.add("eventsub")
            self.indent += 1
            self.scope(DEEPEST + 1, kind + may_stay)
            self.indent -= 1


BEGINNINGS = (
    "", "", "", "", "message=m0", "message=go", "signal=s2", "timer.cycle=R2/PT10S",
)  # fmt: skip
BOUNDARIES = (
    "timer.duration=PT10S", "message=m0 key==k", "message=m1 key==k", "signal=s0", "signal=s2",
    "error=E0", "error=E1", "error=", "escalation=C0", "escalation=C1", "escalation=",
)  # fmt: skip
THROWN = tuple(f"signal={name}" for name in SIGNALS)
"""Who throws a signal and keeps listening to it goes round for ever; "s2" is never thrown."""
STARTS = (
    "message=m2 key==k", "message=m1 key==k", "signal=s0", "signal=s2", "timer.duration=PT10S",
    "error=E0", "error=", "escalation=C0", "escalation=C1",
)  # fmt: skip
