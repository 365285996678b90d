"""Events of one scope that nobody could tell apart (``ModelUtil``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from workflow_devkit.engine.deploy_rules.tree import (
    Model,
    attribute,
    definitions,
    is_a,
    of_type,
    triggered,
)

_NAMED = (
    ("message", "Multiple message event definitions with the same name '{}' are not allowed."),
    ("signal", "Multiple signal event definitions with the same name '{}' are not allowed."),
)
_LINKS = (
    "Multiple intermediate catch link event definitions with the same name '{}' are not allowed."
)
_CATCH_ALL = (
    "The same scope can not contain more than one {0} catch event without {0} code. "
    "An {0} catch event without {0} code catches all {0}s."
)
_SAME_CODE = (
    "Multiple {0} catch events with the same {0} code '{1}' are not supported on the same scope."
)


def same_boundaries(node: Any, model: Model) -> Iterator[str]:
    """Boundary events of one activity."""
    hosted = model.boundaries.get(node.get("id") or "", [])
    found = [d for event in hosted for d in definitions(event)]
    return _all(found, model)


def same_event_sub_processes(node: Any, model: Model) -> Iterator[str]:
    """Start events of the event sub-processes in one scope."""
    inside = [sub for sub in of_type(node, "subProcess") if triggered(sub)]
    starts = [start for sub in inside for start in of_type(sub, "startEvent")]
    return _all([d for start in starts for d in definitions(start)], model)


def same_signal_starts(node: Any, model: Model) -> Iterator[str]:
    """Signal start events of a process."""
    found = [d for start in of_type(node, "startEvent") for d in definitions(start)]
    return same_names([d for d in found if is_a(d, "signal")], model)


def links(node: Any, _: Model) -> Iterator[str]:
    """Link events of one scope: one that catches for each name that is thrown."""
    caught = _link_names(node, "intermediateCatchEvent")
    yield from _repeated(caught + [n for sub in _inner(node) for n in sub], _LINKS)
    for name in dict.fromkeys(_link_names(node, "intermediateThrowEvent")):
        if name not in caught:
            yield (
                f"Can't find an catch link event for the throw link event with the name '{name}'."
            )


def _inner(node: Any) -> Iterator[list[str]]:
    for sub in of_type(node, "subProcess"):
        yield _link_names(sub, "intermediateCatchEvent")
        yield from _inner(sub)


def _link_names(node: Any, tag: str) -> list[str]:
    found = [d for event in of_type(node, tag) for d in definitions(event) if is_a(d, "link")]
    return [name for d in found if (name := attribute(d, "name"))]


def same_names(found: Sequence[Any], model: Model) -> Iterator[str]:
    """Messages and signals with one name."""
    for kind, text in _NAMED:
        referred = (model.referred(d, f"{kind}Ref") for d in found if is_a(d, kind))
        yield from _repeated([attribute(r, "name") for r in referred if r is not None], text)


def _repeated(found: Sequence[str | None], text: str) -> Iterator[str]:
    return (text.format(name) for name, count in Counter(found).items() if name and count > 1)


def _all(found: Sequence[Any], model: Model) -> Iterator[str]:
    yield from same_names(found, model)
    for kind in ("escalation", "error"):
        yield from _same_codes(kind, [d for d in found if is_a(d, kind)], model)


def _same_codes(kind: str, found: Sequence[Any], model: Model) -> Iterator[str]:
    referred = [model.referred(d, f"{kind}Ref") for d in found]
    if referred.count(None) > 1:
        yield _CATCH_ALL.format(kind)
    codes = Counter(attribute(r, f"{kind}Code") for r in referred if r is not None)
    for code, count in codes.items():
        if count > 1:
            yield _CATCH_ALL.format(kind) if code is None else _SAME_CODE.format(kind, code)
