"""Who may import whom: the tables of docs/architecture.md, and no arrow more or less."""

import pytest
from tests.architecture import rooms

ALLOWED = rooms.written()
FOUND = [each for package in rooms.PACKAGES for each in rooms.imports(package)]
ARROWS = rooms.arrows(FOUND)
DOORS = rooms.doors()
EMPTY = rooms.Arrows()


def row(room: str) -> str:
    """The line that the page would have to have."""
    package, _, name = room.partition(".")
    cells = [_cell(ARROWS[room].known, package)]
    if package == rooms.DEVKIT.name:
        cells.append(_cell(ARROWS[room].known, rooms.RUNTIME.name))
    cells.append(_cell(ARROWS[room].named, package))
    return f"docs/architecture.md: | `{name}` | … | {' | '.join(cells)} |"


def _cell(found: frozenset[str], package: str) -> str:
    split = sorted(each.split(".") for each in found)
    return " ".join(f"`{name}`" for owner, name in split if owner == package)


def test_every_room_has_one_row_on_the_page():
    on_disk = {
        rooms.room_of(f"{package.name}/{path.relative_to(package).as_posix()}")
        for package in rooms.PACKAGES
        for path in package.rglob("*.py")
        if path.read_bytes().strip() or path.parent != package
    }
    assert set(ALLOWED) == on_disk
    tables = rooms.tables()
    assert len(ALLOWED) == len(tables["room of the runtime"] + tables["room of the devkit"])


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_knows_the_rooms_that_the_page_names_and_no_other(room):
    assert ARROWS[room] == ALLOWED.get(room, EMPTY), f"mend the import, or the page: {row(room)}"


def test_the_runtime_never_imports_the_devkit():
    assert rooms.importers("workflow_devkit", rooms.imports(rooms.RUNTIME)) == set()


@pytest.mark.parametrize("module", DOORS)
def test_a_module_is_imported_by_the_files_that_the_page_names_and_no_other(module):
    assert rooms.importers(module, FOUND) == DOORS[module]


def test_no_rooms_know_each_other():
    assert rooms.circles({room: found.known for room, found in ARROWS.items()}) == set()


def test_an_arrow_is_found_wherever_it_stands(tmp_path):
    package = tmp_path / "workflow_devkit"
    (package / "engine").mkdir(parents=True)
    (package / "engine" / "store.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "from workflow_devkit.feel import parse\n"
        "if TYPE_CHECKING:\n    from workflow_devkit.lint import Options\n"
        "def late():\n    from workflow_runtime.gateway.port import Gateway\n"
    )
    found = rooms.imports(package)
    known = {"workflow_devkit.feel", "workflow_runtime.gateway"}
    expected = rooms.Arrows(frozenset(known), frozenset({"workflow_devkit.lint"}))
    assert rooms.arrows(found) == {"workflow_devkit.engine": expected}
    assert rooms.importers("workflow_runtime.gateway", found) == {"workflow_devkit/engine/store.py"}


def test_a_forbidden_arrow_fails(tmp_path):
    package = tmp_path / "workflow_runtime"
    (package / "_worker").mkdir(parents=True)
    (package / "_worker" / "poller.py").write_text("import workflow_devkit.engine\n")
    found = rooms.arrows(rooms.imports(package))
    assert found["workflow_runtime._worker"] != ALLOWED["workflow_runtime._worker"]
    assert rooms.importers("workflow_devkit", rooms.imports(package))


def test_circles_of_any_length_are_found():
    known = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}
    assert rooms.circles(known) == {frozenset("abc")}
