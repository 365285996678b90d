"""Diagrams, decisions and forms as the builder is given them: found, read, checked."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from workflow_runtime import plugins
from workflow_runtime.bpmn.linked import read_decisions, read_form
from workflow_runtime.bpmn.outline import outline
from workflow_runtime.errors import ConfigurationError, DiagramError
from workflow_runtime.gateway.values import Resource

__all__ = ["DEPLOYABLE", "find", "identities", "process_ids", "read", "read_all", "start_event"]

_LINKED: Final[dict[str, Callable[[bytes, str], object]]] = {
    ".dmn": read_decisions,
    ".form": read_form,
}
"""How files are checked that no devkit checks, by how their names end."""
DEPLOYABLE: Final = (".bpmn", *_LINKED)
"""How the names of files end that an engine takes."""


def find(where: str | Path) -> list[Path]:
    """Looks for diagrams, decisions and forms.

    Args:
        where: a file; a folder with ``*.bpmn``, ``*.dmn`` or ``*.form``; or a glob. Of a folder and
            a glob, hidden files and those of other kinds are left out.

    Returns:
        The files, sorted by name.

    Raises:
        DiagramError: there is none, or the name of a file says that no engine takes it.
    """
    if not isinstance(where, str | Path):
        raise DiagramError(
            f"with_process: expected a path or a glob, found {type(where).__name__}; call it once "
            "for each path"
        )
    path = Path(where)
    if path.is_dir():
        found: Iterable[Path] = path.iterdir()
    elif path.is_file():
        return [_taken(path)]
    else:
        # Not by Path.glob, which takes no absolute pattern.
        found = (Path(name) for name in glob.glob(str(where), recursive=True))  # noqa: PTH207
    # Hidden files are what systems and editors put beside (`._order.bpmn`); globs skip them too.
    files = sorted(
        _taken(file)
        for file in found
        if file.suffix.lower() in DEPLOYABLE and not file.name.startswith(".") and file.is_file()
    )
    if not files:
        raise DiagramError(
            f"{where}: no such BPMN file (looked from {Path.cwd()}); "
            "expected a file, a folder with *.bpmn, *.dmn or *.form, or a glob"
        )
    return files


def _taken(path: Path) -> Path:
    # By its name alone an engine knows what a file is (semantics#deployment-refused). Some take
    # `.xml` for BPMN.
    if path.suffix not in (*DEPLOYABLE, ".xml"):
        raise DiagramError(
            f"{path}: an engine takes files whose names end in {', '.join(DEPLOYABLE)}; rename it"
        )
    return path


def read(path: Path) -> Resource:
    """Reads and checks one file: by the devkit's rules where it is installed.

    In production reading is enough, because the broker checks what it is given; what it could
    not even read, or would have nothing to run of, is refused everywhere.

    Args:
        path: a BPMN file, or a ``.dmn`` or ``.form`` beside it.

    Returns:
        The file, ready to be deployed.

    Raises:
        DiagramError: it cannot be read or run; names the file, the element and the remedy.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DiagramError(f"{path}: cannot be read: {error.strerror}") from error
    if path.suffix in _LINKED:
        _LINKED[path.suffix](content, str(path))
        return Resource(path.name, content)
    checks = plugins.load_all(plugins.DIAGRAM_CHECKS) or [_unusable]
    problems = tuple(str(problem) for check in checks for problem in check(content, str(path)))
    if problems:
        raise DiagramError("\n".join(problems), problems=problems)
    # The basename alone: a changed folder must not make a new version
    # (semantics#deployment-versions).
    return Resource(path.name, content)


def read_all(paths: Iterable[Path]) -> list[tuple[Path, Resource]]:
    """Reads and checks files.

    Args:
        paths: BPMN files.

    Returns:
        Each with its content.

    Raises:
        DiagramError: some cannot be read or run; names each, with its problems.
    """
    found: list[tuple[Path, Resource]] = []
    errors: list[DiagramError] = []
    for path in paths:
        try:
            found.append((path, read(path)))
        except DiagramError as error:
            errors.append(error)
    if errors:
        problems = tuple(problem for error in errors for problem in error.problems)
        raise DiagramError("\n".join(map(str, errors)), problems=problems)
    return found


def _unusable(content: bytes, name: str) -> list[str]:
    if any(process.executable for process in outline(content, name)):
        return []
    return [f"{name}: no process in it can be run; set isExecutable of one to true"]


def start_event(resources: Iterable[Resource], process_id: str) -> str:
    """Finds the event that starts a process.

    Args:
        resources: BPMN files.
        process_id: the BPMN id of a process in one of them.

    Returns:
        The name of its message start event.

    Raises:
        ConfigurationError: there is no such process, or it has not exactly one such event, or
            its name is an expression.
    """
    # A twentieth of a service's start (benchmarks/footprint.py), for what few services need.
    from workflow_runtime.bpmn.model import EventKind, Kind  # noqa: PLC0415 - see above
    from workflow_runtime.bpmn.parser import parse  # noqa: PLC0415 - see above

    files = (file for file in resources if file.is_diagram)
    processes = (p for file in files for p in parse(file.content, file.name).processes)
    process = next((each for each in processes if each.id == process_id), None)
    if process is None:
        raise ConfigurationError(
            f"process {process_id} is in none of this service's diagrams; start it by the event "
            "that its diagram begins with: publish_event(name, event_id=…)"
        )
    starts = [each for each in process.children.values() if each.kind is Kind.START_EVENT]
    events = [each.event for each in starts if each.event_kind() is EventKind.MESSAGE]
    names = [each.message.name for each in events if each and each.message and each.message.name]
    if len(names) == 1 and not names[0].startswith("="):
        return names[0]
    if names:
        raise ConfigurationError(
            f"process {process_id} begins with one of {', '.join(sorted(names))}; publish the one "
            "that is meant: publish_event(name, event_id=…)"
        )
    raise ConfigurationError(
        f"process {process_id} cannot be started once for each start id: the engine remembers the "
        "ids of events only; give its diagram a message start event (beside the start event that "
        "it has)"
    )


def process_ids(resources: Iterable[Resource]) -> frozenset[str]:
    """Collects the processes of diagrams.

    Args:
        resources: BPMN files.

    Returns:
        The BPMN ids of all processes in them, those that cannot be run too.
    """
    return frozenset(
        process.id
        for each in resources
        if each.is_diagram
        for process in outline(each.content, each.name)
    )


def identities(resource: Resource) -> frozenset[tuple[str, str]]:
    """What no other file of a deployment may have too.

    Args:
        resource: a diagram, decisions or a form.

    Returns:
        Kinds and ids: of its processes, of its decisions and their file, or of the form.
    """
    if resource.name.endswith(".dmn"):
        file = read_decisions(resource.content, resource.name)
        decisions = {("decision", each.id) for each in file.decisions}
        return frozenset({("requirements", file.id), *decisions})
    if resource.name.endswith(".form"):
        return frozenset({("form", read_form(resource.content, resource.name))})
    return frozenset(("process", each) for each in process_ids([resource]))
