"""Parallel joins that can never join, found by trying all ways through a scope.

A token stands on each flow. Every element that is no join passes its token on: a decision in each
possible way, the others to all that follow. Tokens take turns, so none is forgotten. What no way
reaches is certain, because every way that the engine could take is among those that are tried:
events may happen at any time, and conditions be true or false. Where there are too many ways,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from workflow_devkit.findings import Severity
from workflow_devkit.lint.context import LintContext
from workflow_devkit.lint.problem import Problem, about
from workflow_devkit.lint.rule import Rule
from workflow_runtime.bpmn.model import Element, EventKind, Kind

# Bounds of the search: 3,000 states take about 8 ms (eight decisions of four ways each between
# a fork and a join); a loop around a fork makes tokens without end; 8 branches of an inclusive
# gateway have 255 ways.
_MOST_STATES: Final = 3000
_MOST_TOKENS: Final = 40
_MOST_BRANCHES: Final = 8
Flows = tuple[str, ...]
State = tuple[Flows, Flows]
"""Tokens that move, the next one first, and tokens that wait at joins."""


class TooManyWays(Exception):
    """A scope has more ways through it than the search may try."""


class _Search:
    def __init__(self, context: LintContext) -> None:
        self._context = context
        self.joined: set[str] = set()
        self.waited: set[str] = set()

    def run(self, beginnings: list[Flows]) -> None:
        seen: set[State] = set()
        # Each start event begins an instance of its own, so their tokens never meet.
        waiting: list[State] = [(flows, ()) for flows in beginnings]
        while waiting:
            state = waiting.pop()
            if state in seen or not state[0]:
                continue
            seen.add(state)
            if len(seen) > _MOST_STATES or len(state[0]) + len(state[1]) > _MOST_TOKENS:
                raise TooManyWays
            waiting.extend(self._next(*state))

    def _next(self, moving: Flows, resting: Flows) -> Iterator[State]:
        flow, rest = moving[0], moving[1:]
        element = self._context.by_id.get(self._context.flows[flow].target)
        if element is None:
            yield rest, resting
        elif is_join(element):
            # Sorted: in which order tokens came to rest makes no other state.
            yield self._arrive(element, rest, tuple(sorted((*resting, flow))))
        else:
            yield from ((rest + way, resting) for way in ways(self._context, element))

    def _arrive(self, join: Element, moving: Flows, resting: Flows) -> State:
        self.waited.add(join.id)
        if not set(join.incoming) <= set(resting):
            return moving, resting
        self.joined.add(join.id)
        left = list(resting)
        # One token of each flow is used up, the others stay for the next time
        # (semantics#parallel-gateway).
        for flow in join.incoming:
            left.remove(flow)
        return moving + tuple(join.outgoing), tuple(left)


def is_join(element: Element) -> bool:
    """Whether an element waits for a token on each of several flows."""
    return element.kind is Kind.PARALLEL_GATEWAY and len(element.incoming) > 1


def ways(context: LintContext, element: Element) -> Iterator[Flows]:
    """The flows that are taken when an element is left: one entry for each possible way."""
    yield from _regular_ways(context, element)
    for event in context.boundaries.get(element.id, ()):
        # It may come any number of times beside its activity (semantics#boundary-passive).
        if not event.interrupting:
            raise TooManyWays
        yield tuple(event.outgoing)


def _regular_ways(context: LintContext, element: Element) -> Iterator[Flows]:
    leaving = tuple(element.outgoing)
    if element.kind in {Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY}:
        yield from ((flow,) for flow in leaving)
    elif element.kind is Kind.INCLUSIVE_GATEWAY:
        if len(leaving) > _MOST_BRANCHES:
            raise TooManyWays
        # Every flow with a true condition is taken (semantics#inclusive-gateway).
        for size in range(1, len(leaving) + 1):
            yield from combinations(leaving, size)
    elif element.event_kind() is EventKind.LINK and element.kind is Kind.INTERMEDIATE_THROW_EVENT:
        yield tuple(flow for target in context.link_targets(element) for flow in target.outgoing)
    else:
        yield leaving


def _never(context: LintContext) -> Iterator[Problem]:
    for scope in context.scopes:
        joins = [child for child in scope.children.values() if is_join(child)]
        if not joins:
            continue
        search = _Search(context)
        starts = [c for c in scope.children.values() if c.kind is Kind.START_EVENT]
        try:
            search.run([tuple(start.outgoing) for start in starts])
        except TooManyWays:
            continue
        for join in joins:
            # A join that no token comes to is a finding of `unreachable`.
            if join.id in search.waited - search.joined:
                yield about(
                    join,
                    f"waits for all of its {len(join.incoming)} incoming flows, but "
                    "on no way do they all come: the process instance would stay here",
                    "join alternatives with an exclusive gateway",
                )


RULES: Final = (
    Rule("never-joins", Severity.ERROR, "Parallel joins get a token on every incoming flow, on "
         "some way at least.", _never),
)  # fmt: skip
