"""The rooms of both packages: as docs/architecture.md has them, and as the code has them."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
RUNTIME = ROOT / "runtime" / "src" / "workflow_runtime"
DEVKIT = ROOT / "devkit" / "src" / "workflow_devkit"
PACKAGES = (RUNTIME, DEVKIT)
_SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Import:
    """``file`` (``workflow_runtime/…``) imports ``module``; ``typing`` if only for annotations."""

    file: str
    module: str
    typing: bool


@dataclass(frozen=True)
class Arrows:
    """What one room knows, by the names of ``room_of``."""

    known: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    """In annotations only."""


def tables() -> dict[str, list[list[list[str]]]]:
    """The page's tables by the first column's heading: rows of cells of what is in backticks."""
    found: dict[str, list[list[list[str]]]] = {}
    for table in re.findall(r"(?:^\|.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        rows = [[_SPAN.findall(cell) for cell in row.split("|")[1:-1]] for row in table.split("\n")]
        found.setdefault(table.split("|")[1].strip(), []).extend(row for row in rows[2:] if row)
    return found


def written() -> dict[str, Arrows]:
    """What the page allows, by room; a room of the devkit knows rooms of both packages."""
    runtime = {
        f"workflow_runtime.{room[0]}": Arrows(_rooms(RUNTIME, known), _rooms(RUNTIME, named))
        for room, _, known, named in tables()["room of the runtime"]
    }
    devkit = {
        f"workflow_devkit.{room[0]}": Arrows(
            _rooms(DEVKIT, known) | _rooms(RUNTIME, below), _rooms(DEVKIT, named)
        )
        for room, _, known, below, named in tables()["room of the devkit"]
    }
    return runtime | devkit


def _rooms(package: Path, names: Iterable[str]) -> frozenset[str]:
    return frozenset(f"{package.name}.{name}" for name in names)


def doors() -> dict[str, set[str]]:
    """What the page says of single modules: module -> the only files that import it."""
    return {name: set(files) for names, files in tables()["module"] for name in names}


def imports(package: Path) -> list[Import]:
    """Every import in a package, also those inside functions."""
    return [
        Import(f"{package.name}/{path.relative_to(package).as_posix()}", module, typing)
        for path in sorted(package.rglob("*.py"))
        for module, typing in _of(ast.parse(path.read_text(encoding="utf-8")), typing=False)
    ]


def _of(node: ast.AST, *, typing: bool) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.Import(names=names):
            yield from ((alias.name, typing) for alias in names)
        case ast.ImportFrom(module=str(module), names=names) if "." not in module:
            yield from ((f"{module}.{alias.name}", typing) for alias in names)
        case ast.ImportFrom(module=str(module)):
            yield module, typing
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            typing = True
    for child in ast.iter_child_nodes(node):
        yield from _of(child, typing=typing)


def room_of(path: str) -> str:
    """``workflow_runtime.gateway`` of ``workflow_runtime/gateway/port.py``."""
    package, _, rest = path.partition("/")
    return f"{package}.{rest.partition('/')[0].removesuffix('.py')}"


def arrows(found: Iterable[Import]) -> dict[str, Arrows]:
    """What the code does: room -> the rooms that it knows."""
    packages = {package.name for package in PACKAGES}
    rooms: dict[str, tuple[set[str], set[str]]] = {}
    for each in found:
        here = room_of(each.file)
        known, named = rooms.setdefault(here, (set(), set()))
        there = ".".join(each.module.split(".")[:2])
        if there.partition(".")[0] in packages and "." in there and there != here:
            typed = each.typing and there.partition(".")[0] == here.partition(".")[0]
            (named if typed else known).add(there)
    return {room: Arrows(frozenset(k), frozenset(n - k)) for room, (k, n) in rooms.items()}


def circles(known: Mapping[str, Iterable[str]]) -> set[frozenset[str]]:
    """Sets of rooms or files each of which reaches all others of its set."""
    reach = {room: set(targets) for room, targets in known.items()}
    for middle, start in product(reach, reach):  # Warshall: the middle varies slowest
        if middle in reach[start]:
            reach[start] |= reach[middle]
    together = {
        frozenset({room} | {other for other in reach[room] if room in reach.get(other, set())})
        for room in reach
    }
    return {group for group in together if len(group) > 1}


def importers(module: str, found: Iterable[Import]) -> set[str]:
    """The files that import a module or something below it."""
    return {i.file for i in found if f"{i.module}.".startswith(f"{module}.")}
