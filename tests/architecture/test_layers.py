"""Who may import whom: the table of docs/architecture.md, and no arrow more or less."""

import re

import pytest
from tests.architecture import rooms

ALLOWED = rooms.written()
FOUND = rooms.imports()
ARROWS = rooms.arrows(FOUND)
DOORS = rooms.doors()


def row(room: str) -> str:
    known, named = (" ".join(f"`{name}`" for name in sorted(names)) for names in ARROWS[room])
    return f"docs/architecture.md: | `{room}` | … | {known} | {named} |"


def test_every_room_has_one_row_on_the_page():
    on_disk = {rooms.room_of(p.relative_to(rooms.PACKAGE).as_posix())
               for p in rooms.PACKAGE.rglob("*.py")}  # fmt: skip
    assert set(ALLOWED) == on_disk
    assert len(ALLOWED) == len(rooms.tables()["room"])


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_knows_the_rooms_that_the_page_names_and_no_other(room):
    assert ARROWS[room] == ALLOWED.get(room), f"mend the import, or the page: {row(room)}"


@pytest.mark.parametrize("module", DOORS)
def test_a_module_is_imported_by_the_files_that_the_page_names_and_no_other(module):
    assert rooms.importers(module, FOUND) == DOORS[module]


def test_the_only_circles_are_those_that_the_page_admits():
    text = rooms.PAGE.read_text(encoding="utf-8")
    sentence = text.partition("Rooms that know each other, today:")[2].partition(". ")[0]
    admitted = {frozenset(re.findall(r"`(\w+)`", part)) for part in sentence.split(";")}
    assert rooms.circles({room: known for room, (known, _) in ARROWS.items()}) == admitted


def test_an_arrow_is_found_wherever_it_stands(tmp_path):
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "store.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "from workflow_devkit.feel import parse\n"
        "if TYPE_CHECKING:\n    from workflow_runtime.builder import WorkflowBuilder\n"
        "def late():\n    from workflow_runtime._worker.slots import Slots\n"
    )
    found = rooms.imports(tmp_path)
    assert rooms.arrows(found) == {"engine": ({"feel", "_worker"}, {"builder"})}
    assert rooms.importers("workflow_runtime._worker", found) == {"engine/store.py"}


def test_circles_of_any_length_are_found():
    known = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}
    assert rooms.circles(known) == {frozenset("abc")}
