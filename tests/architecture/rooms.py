"""The rooms of the runtime: as docs/architecture.md has them, and as the code has them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "runtime" / "src" / "workflow_runtime"
_SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Import:
    """``file`` (below the package) imports ``module``; ``typing`` if only for annotations."""

    file: str
    module: str
    typing: bool


def tables() -> dict[str, list[list[list[str]]]]:
    """The page's tables by the first column's heading: rows of cells of what is in backticks."""
    found: dict[str, list[list[list[str]]]] = {}
    for table in re.findall(r"(?:^\|.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        rows = [[_SPAN.findall(cell) for cell in row.split("|")[1:-1]] for row in table.split("\n")]
        found.setdefault(table.split("|")[1].strip(), []).extend(row for row in rows[2:] if row)
    return found


def written() -> dict[str, tuple[set[str], set[str]]]:
    """What the page allows: room -> (rooms it imports, rooms it names in annotations)."""
    return {room[0]: (set(known), set(named)) for room, _, known, named in tables()["room"]}


def doors() -> dict[str, set[str]]:
    """What the page says of single modules: module -> the only files that import it."""
    return {name: set(files) for names, files in tables()["module"] for name in names}


def imports(package: Path = PACKAGE) -> list[Import]:
    """Every import in a package, also those inside functions."""
    return [
        Import(path.relative_to(package).as_posix(), module, typing)
        for path in sorted(package.rglob("*.py"))
        for module, typing in _of(ast.parse(path.read_text(encoding="utf-8")), typing=False)
    ]


def _of(node: ast.AST, *, typing: bool) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.Import(names=names):
            yield from ((alias.name, typing) for alias in names)
        case ast.ImportFrom(module=str(module), names=names) if module == PACKAGE.name:
            yield from ((f"{module}.{alias.name}", typing) for alias in names)
        case ast.ImportFrom(module=str(module)):
            yield module, typing
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            typing = True
    for child in ast.iter_child_nodes(node):
        yield from _of(child, typing=typing)


def room_of(path: str) -> str:
    """The room of a file or of a module's path: its first part."""
    return path.partition("/")[0].removesuffix(".py")


def arrows(found: list[Import]) -> dict[str, tuple[set[str], set[str]]]:
    """What the code does: room -> (rooms it imports, rooms it only names in annotations)."""
    rooms: dict[str, tuple[set[str], set[str]]] = {}
    for each in found:
        here = room_of(each.file)
        known, named = rooms.setdefault(here, (set(), set()))
        head, _, rest = each.module.partition(".")
        there = rest.partition(".")[0]
        if head == PACKAGE.name and there not in {"", here}:
            (named if each.typing else known).add(there)
    return {room: (known, named - known) for room, (known, named) in rooms.items()}


def circles(known: dict[str, set[str]]) -> set[frozenset[str]]:
    """Sets of rooms each of which reaches all others of its set."""
    reach = {room: set(targets) for room, targets in known.items()}
    for middle, start in product(reach, reach):  # Warshall: the middle varies slowest
        if middle in reach[start]:
            reach[start] |= reach[middle]
    together = {
        frozenset({room} | {other for other in reach[room] if room in reach.get(other, set())})
        for room in reach
    }
    return {group for group in together if len(group) > 1}


def importers(module: str, found: list[Import]) -> set[str]:
    """The files that import a module or something below it."""
    return {i.file for i in found if f"{i.module}.".startswith(f"{module}.")}
