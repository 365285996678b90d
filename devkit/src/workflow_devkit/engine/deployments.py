"""Deployments: all or nothing, versions by checksum and name.

See semantics#deployment-atomic and semantics#deployment-versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from workflow_devkit.engine.deploy_rules import (
    of_elements,
    of_loops,
    refused_elements,
    straight_loops,
)
from workflow_devkit.engine.executable import Node, Process, compile_processes
from workflow_devkit.engine.linked_files import LinkedFiles
from workflow_devkit.engine.record_values import process_value
from workflow_devkit.engine.store import Store
from workflow_runtime.bpmn.model import Definitions, EventKind
from workflow_runtime.bpmn.outline import load_bpmn
from workflow_runtime.bpmn.parser import read
from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import DeployedProcess, Resource

__all__ = ["Deployments"]

Arm = Callable[[Process], None]
_REJECTED = "Command 'CREATE' rejected with code 'INVALID_ARGUMENT': "


class _Candidate(NamedTuple):
    process: Process
    checksum: str


class Deployments:
    """The definitions that the engine knows."""

    def __init__(self, store: Store, arm: Arm) -> None:
        self._store = store
        self._arm = arm
        self._checksums: dict[int, str] = {}
        self.linked = LinkedFiles(store)

    def deploy(self, resources: Sequence[Resource]) -> list[DeployedProcess]:
        """Deploys all resources or none.

        Raises:
            InvalidArgument: one of them cannot be run; the text names file, element and reason.
        """
        if not resources:
            raise InvalidArgument(
                f"{_REJECTED}Expected to deploy at least one resource, but none given"
            )
        # All are read before one is taken (semantics#deployment-atomic).
        candidates, errors = self._read(resources)
        linked = [resource for resource in resources if not resource.is_diagram]
        errors = errors or self.linked.duplicates(linked)
        if errors:
            raise InvalidArgument(_refusal(errors))
        for resource in linked:
            self.linked.take(resource)
        deployed = [self._take(candidate) for candidate in candidates]
        self._store.write(
            "DEPLOYMENT", "CREATED", self._store.next_key(),
            {"processesMetadata": [process_value(process) for process in deployed]},
        )  # fmt: skip
        return [DeployedProcess(p.process_id, p.version, p.key, p.resource) for p in deployed]

    def _read(self, resources: Sequence[Resource]) -> tuple[list[_Candidate], list[str]]:
        candidates: list[_Candidate] = []
        errors: list[str] = []
        owners: dict[str, str] = {}
        for resource in resources:
            found, refused = self._read_one(resource)
            errors += refused
            for candidate in found:
                name = candidate.process.process_id
                if name in owners:
                    errors.append(
                        f"Duplicated process id in resources '{owners[name]}' and '{resource.name}'"
                    )
                owners[name] = resource.name
            candidates += found
        return candidates, errors

    def _read_one(self, resource: Resource) -> tuple[list[_Candidate], list[str]]:
        if not resource.is_diagram:
            problem = self.linked.problem(resource)
            return [], [problem] if problem else []
        if not resource.name.endswith(".bpmn"):
            return [], [f"\n'{resource.name}': unknown resource type"]
        try:
            root = load_bpmn(resource.content, resource.name)
        except UnreadableDiagram as error:
            return [], [f"'{resource.name}': {error.broker or error}"]
        definitions = read(root, resource.content, resource.name, drawn=False)
        problem = self._problem(root, definitions)
        if problem:
            return [], [problem]
        # Instead of the content, of which nobody needs more than whether it is the same.
        checksum = hashlib.sha256(resource.content).hexdigest()
        compiled = compile_processes(definitions, self._store.clock)
        return [_Candidate(process, checksum) for process in compiled.values()], []

    def _problem(self, root: Any, definitions: Definitions) -> str:
        name = definitions.resource
        # The broker names the first only.
        for flaw in definitions.flaws:
            return f"'{name}': Error: URI=null Line={flaw.broker_line}: {flaw.broker}"
        found = of_elements(refused_elements(root, self._store.clock))
        if found:
            return f"'{name}': {found}"
        executable = {process.id: process for process in definitions.executable()}
        return of_loops(straight_loops(executable), name)

    def _take(self, candidate: _Candidate) -> Process:
        process, checksum = candidate
        latest = self._store.latest(process.process_id)
        if latest is not None and self._is_same(latest, process, checksum):
            return latest
        process.version = latest.version + 1 if latest else 1
        process.key = self._store.next_key()
        self._checksums[process.key] = checksum
        self._store.definitions[process.key] = process
        self._store.versions.setdefault(process.process_id, {})[process.version] = process
        self._store.write("PROCESS", "CREATED", process.key, process_value(process))
        self._arm(process)
        return process

    def _is_same(self, latest: Process, process: Process, checksum: str) -> bool:
        # Under another name the same bytes are a new version (semantics#deployment-versions).
        return self._checksums[latest.key] == checksum and latest.resource == process.resource


def start_names(process: Process, kind: EventKind) -> dict[str, Node]:
    """Message or signal start events by the name that they wait for."""
    found: dict[str, Node] = {}
    for node in process.start_events(kind):
        expression = node.message_name if kind is EventKind.MESSAGE else node.signal_name
        if expression is not None:
            # Of no variables: the name is a constant (semantics#message-start).
            found[expression.text_value({})] = node
    return found


def _refusal(errors: Sequence[str]) -> str:
    lines = "\n".join(errors)
    return (
        f"{_REJECTED}Expected to deploy new resources, but encountered the following errors:\n"
        f"{lines}"
    )
