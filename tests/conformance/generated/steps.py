"""Random runs: what is done with the processes that ``sketch`` has drawn."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tests.conformance.generated.sketch import (
    ERRORS,
    JOBS,
    MESSAGES,
    SIGNALS,
    Draw,
    Sketch,
)
from tests.conformance.script import Scenario

TICK = 11_000
"""Milliseconds; timers are set to ten seconds."""
_HOUR = 3_600_000
_LIST = st.lists(st.integers(0, 3), max_size=3)
_VALUE = st.one_of(st.integers(0, 9), st.booleans(), st.none(), _LIST)
_SCOPE = st.dictionaries(st.sampled_from(["x", "y", "r", "items"]), _VALUE, max_size=2)
_KEY = st.sampled_from(["a", "b"])


def _start() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"x": st.integers(0, 9), "k": _KEY, "items": _LIST}, optional={"y": _VALUE}
    )


def _named(verb: str, names: tuple[str, ...], details: Any) -> st.SearchStrategy[dict[str, Any]]:
    words = st.sampled_from([f"{verb} {name}" for name in names])
    return st.builds(lambda word, detail: {word: detail}, words, details)


_PUBLISHED = st.fixed_dictionaries(
    {"key": _KEY, "ttl": st.sampled_from([0, _HOUR]), "variables": _SCOPE}
)
_STEP = st.one_of(
    _named("complete", JOBS, _SCOPE),
    _named("complete", ("any",), _SCOPE),
    _named("complete", ("any",), _SCOPE),
    _named("complete", ("any",), _SCOPE),
    _named("publish", MESSAGES, _PUBLISHED),
    _named("signal", (*SIGNALS, "s2"), _SCOPE),
    st.just({"advance": TICK}),
    _named("throw", ("any",), st.fixed_dictionaries({"code": st.sampled_from([*ERRORS[:2], "E9"]),
                                                 "variables": _SCOPE})),
    _named("fail", ("any",), st.fixed_dictionaries({"retries": st.integers(0, 1),
                                                "variables": _SCOPE})),
    _named("retries", ("any",), st.just(2)),
    st.builds(lambda index: {"resolve": index}, st.integers(0, 2)),
    st.builds(lambda scope: {"set": scope or {"x": 1}}, _SCOPE),
    st.builds(lambda scope: {"create": scope}, _start()),
    st.builds(lambda index: {"cancel": index}, st.integers(0, 1)),
)  # fmt: skip


def _set(elements: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    verbs = st.sampled_from([f"set {how}{name}" for name in elements for how in ("", "local ")])
    return st.builds(lambda verb, scope: {verb: scope or {"y": 1}}, verbs, _SCOPE)


@st.composite
def runs(draw: Draw) -> Scenario:
    """A diagram, mostly with a second one that it may call, and what happens to its instances."""
    main = Sketch(draw)
    diagrams = {"child": Sketch(draw, calls=False).text(), "main": main.text()}
    first = {"create": draw(_start())}
    steps = st.one_of(_STEP, _STEP, _STEP, _set(main.ids))
    rest = draw(st.lists(steps, min_size=1, max_size=10))
    if not any("process=child" in line for line in diagrams["main"].splitlines()):
        del diagrams["child"]
    return Scenario("generated", diagrams, [first, *rest])
