"""Decisions and forms: kept with keys and versions, as a broker does; none is evaluated or shown.

See semantics#deployment-versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from workflow_devkit.engine.store import Store
from workflow_runtime.bpmn.linked import read_decisions, read_form
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.gateway.values import Resource

__all__ = ["Kept", "LinkedFile", "LinkedFiles"]


class Kept(NamedTuple):
    """What has a version and a key: ``kind`` is ``requirements``, ``decision`` or ``form``."""

    kind: str
    id: str
    name: str
    version: int
    key: int


class LinkedFile(NamedTuple):
    """What is in a file: the first has the file's own id, a decision's file has decisions too."""

    resource: str
    parts: tuple[Kept, ...]


Part = tuple[str, str, str]
"""Kind, id and name of what a file has."""


def _decisions(content: bytes, name: str) -> list[Part]:
    file = read_decisions(content, name)
    decisions = [("decision", each.id, each.name) for each in file.decisions]
    return [("requirements", file.id, file.name), *decisions]


def _form(content: bytes, name: str) -> list[Part]:
    return [("form", read_form(content, name), "")]


_READERS: Final[dict[str, Callable[[bytes, str], list[Part]]]] = {
    ".dmn": _decisions,
    ".form": _form,
}


_KINDS: Final = {"requirements": "decision requirements", "decision": "decision", "form": "form"}
"""How the broker calls them."""


class LinkedFiles:
    """The files beside diagrams that an engine knows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._latest: dict[tuple[str, str], tuple[str, Kept]] = {}
        self._files: dict[str, LinkedFile] = {}

    def problem(self, resource: Resource) -> str:
        """Why a file cannot be taken, empty where it can."""
        try:
            _parts(resource)
        except UnreadableDiagram as error:
            return f"'{resource.name}': {error}"
        return ""

    def duplicates(self, resources: Iterable[Resource]) -> list[str]:
        """What is said of ids that two of these files have, or one of them twice."""
        owners: dict[tuple[str, str], str] = {}
        found: list[str] = []
        for resource in resources:
            for kind, part_id, _ in _parts(resource):
                if (kind, part_id) in owners:
                    found.append(
                        f"Expected the {_KINDS[kind]} ids to be unique within a deployment but "
                        f"found a duplicated id '{part_id}' in the resources "
                        f"'{owners[kind, part_id]}' and '{resource.name}'"
                    )
                owners[kind, part_id] = resource.name
        return found

    def take(self, resource: Resource) -> None:
        """Keeps a file: a new version of each part, unless bytes and name are the latest's."""
        mark = hashlib.sha256(resource.name.encode() + b"\0" + resource.content).hexdigest()
        parts = tuple(self._part(part, mark) for part in _parts(resource))
        self._files[resource.name] = LinkedFile(resource.name, parts)
        for each in parts:
            if each.kind == "form":
                self._store.forms[each.id] = each.key

    def named(self, names: Iterable[str]) -> list[LinkedFile]:
        """The latest files of these names, without those that are not kept here."""
        return [self._files[name] for name in names if name in self._files]

    def _part(self, part: Part, mark: str) -> Kept:
        kind, part_id, name = part
        known, latest = self._latest.get((kind, part_id), ("", Kept(kind, part_id, name, 0, 0)))
        if known == mark:
            return latest
        kept = Kept(kind, part_id, name, latest.version + 1, self._store.next_key())
        self._latest[kind, part_id] = mark, kept
        return kept


def _parts(resource: Resource) -> list[Part]:
    reader = next(read for end, read in _READERS.items() if resource.name.endswith(end))
    return reader(resource.content, resource.name)
