"""Events of one scope that nobody could tell apart (``ModelUtil``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workflow_devkit.engine.deploy_rules.refusal import Breach
from workflow_devkit.engine.deploy_rules.tree import (
    Model,
    attribute,
    definitions,
    is_a,
    of_type,
    parent,
    triggered,
)

_Named = tuple[str, Any]
"""A name and the event definition that has it."""


def same_boundaries(node: Any, model: Model) -> Iterator[Breach]:
    """Finds boundary events of one activity that wait for the same."""
    hosted = model.boundaries.get(node.get("id") or "", [])
    found = [d for event in hosted for d in definitions(event)]
    return _all(found, model)


def same_event_sub_processes(node: Any, model: Model) -> Iterator[Breach]:
    """Finds event sub-processes of one scope that wait for the same."""
    inside = [sub for sub in of_type(node, "subProcess") if triggered(sub)]
    starts = [start for sub in inside for start in of_type(sub, "startEvent")]
    return _all([d for start in starts for d in definitions(start)], model)


def same_signal_starts(node: Any, model: Model) -> Iterator[Breach]:
    """Finds start events of a process that wait for one signal."""
    found = [d for start in of_type(node, "startEvent") for d in definitions(start)]
    return same_names([d for d in found if is_a(d, "signal")], model)


def links(node: Any, _: Model) -> Iterator[Breach]:
    """Finds links of one scope that are caught twice, or thrown and not caught."""
    caught = _links(node, "intermediateCatchEvent")
    # What inner sub-processes catch counts as caught twice, but does not catch what is thrown here.
    inner = [link for sub in _inner(node) for link in sub]
    yield from _repeated([*caught, *inner], "same-link", {})
    names = {name for name, _ in caught}
    thrown = _links(node, "intermediateThrowEvent")
    for name in dict.fromkeys(name for name, _ in thrown):
        if name not in names:
            events = [parent(link) for other, link in thrown if other == name]
            yield Breach("link-not-caught", {"name": name}, events)


def _inner(node: Any) -> Iterator[list[_Named]]:
    for sub in of_type(node, "subProcess"):
        yield _links(sub, "intermediateCatchEvent")
        yield from _inner(sub)


def _links(node: Any, tag: str) -> list[_Named]:
    found = [d for event in of_type(node, tag) for d in definitions(event) if is_a(d, "link")]
    return [(name, d) for d in found if (name := attribute(d, "name"))]


def same_names(found: Sequence[Any], model: Model) -> Iterator[Breach]:
    """Finds events whose messages or signals have one name."""
    for kind in ("message", "signal"):
        own = [d for d in found if is_a(d, kind)]
        referred = [(model.referred(d, f"{kind}Ref"), d) for d in own]
        named = [(attribute(r, "name"), d) for r, d in referred if r is not None]
        yield from _repeated(named, "same-name", {"kind": kind})


def _repeated(
    found: Sequence[tuple[str | None, Any]], rule: str, facts: dict[str, Any]
) -> Iterator[Breach]:
    for name, group in _groups(found).items():
        if name and len(group) > 1:
            yield _same(rule, {**facts, "name": name}, group)


def _groups(found: Iterable[tuple[str | None, Any]]) -> dict[str | None, list[Any]]:
    groups: dict[str | None, list[Any]] = {}
    for key, definition in found:
        groups.setdefault(key, []).append(definition)
    return groups


def _same(rule: str, facts: dict[str, Any], group: Sequence[Any]) -> Breach:
    # The broker names nobody; people have to change all but the first.
    first, *others = (parent(definition) for definition in group)
    return Breach(rule, {**facts, "first": first.get("id") or ""}, others)


def _all(found: Sequence[Any], model: Model) -> Iterator[Breach]:
    yield from same_names(found, model)
    for kind in ("escalation", "error"):
        yield from _same_codes(kind, [d for d in found if is_a(d, kind)], model)


def _same_codes(kind: str, found: Sequence[Any], model: Model) -> Iterator[Breach]:
    referred = [(model.referred(d, f"{kind}Ref"), d) for d in found]
    # Without a reference and with one that has no code are two things for the validator, though
    # both catch all.
    catch_all = [d for target, d in referred if target is None]
    if len(catch_all) > 1:
        yield _same("same-catch-all", {"kind": kind}, catch_all)
    coded = ((attribute(target, f"{kind}Code"), d) for target, d in referred if target is not None)
    for code, group in _groups(coded).items():
        if len(group) > 1 and code is None:
            yield _same("same-catch-all", {"kind": kind}, group)
        elif len(group) > 1:
            yield _same("same-code", {"kind": kind, "code": code}, group)
