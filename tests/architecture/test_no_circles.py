"""No file of the packages imports another one that imports it: what is imported is read first."""

import ast
from pathlib import Path

import pytest
from tests.architecture import rooms


def modules(folder: Path) -> dict[str, Path]:
    """The files of a package or of a folder inside one, by the name that imports have for them."""
    top = folder
    while (top.parent / "__init__.py").exists():
        top = top.parent
    paths = {path.relative_to(top.parent).with_suffix(""): path for path in folder.rglob("*.py")}
    return {".".join(name.parts).removesuffix(".__init__"): path for name, path in paths.items()}


def imported(node: ast.AST, *, typing: bool) -> set[tuple[str, str]]:
    """(module, name) of each import below a node, also in functions; "" for a whole module.

    Those that are only for annotations (below ``if TYPE_CHECKING``) count if ``typing``.
    """
    match node:
        case ast.Import(names=names):
            return {(alias.name, "") for alias in names}
        case ast.ImportFrom(module=str(module), names=names, level=0):
            return {(module, alias.name) for alias in names}
        case ast.ImportFrom():
            raise AssertionError(f"line {node.lineno}: a relative import, which is not followed")
        case ast.If(test=ast.Name("TYPE_CHECKING"), orelse=orelse) if not typing:
            return {each for part in orelse for each in imported(part, typing=typing)}
    children = ast.iter_child_nodes(node)
    return {each for child in children for each in imported(child, typing=typing)}


def circles(folder: Path, *, typing: bool = False) -> list[list[str]]:
    """The sets of files of a folder each of which imports all others of its set, by some way.

    ``from package import name`` counts for the file of ``name`` if there is one, so that a
    package's ``__init__`` may import its files while they import each other by that form.
    """
    files = modules(folder)
    graph: dict[str, set[str]] = {}
    for module, path in files.items():
        found = imported(ast.parse(path.read_text(encoding="utf-8")), typing=typing)
        targets = {f"{there}.{name}" if f"{there}.{name}" in files else there
                   for there, name in found}  # fmt: skip
        graph[module] = targets & files.keys() - {module}
    return sorted(sorted(group) for group in rooms.circles(graph))


@pytest.mark.parametrize("package", rooms.PACKAGES, ids=["runtime", "devkit"])
def test_the_files_of_a_package_import_each_other_in_one_direction(package):
    assert len(modules(package)) > 90
    assert circles(package) == []


def test_the_files_of_the_engine_do_not_even_name_each_other_in_a_circle():
    assert circles(rooms.DEVKIT / "engine", typing=True) == []


@pytest.fixture
def package(tmp_path):
    """A package of three files, each of which knows the next; the last one's text is given."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text("from shop.orders import Order\n")
    (folder / "orders.py").write_text("import shop.prices\n")
    (folder / "prices.py").write_text("from shop import taxes\n")

    def write(text):
        (folder / "taxes.py").write_text(text)
        return folder

    return write


@pytest.mark.parametrize(
    "last",
    ["import shop.orders\n", "from shop import orders\n", "def late():\n    import shop.orders\n"],
)
def test_a_circle_is_found_however_it_is_imported(package, last):
    assert circles(package(last)) == [["shop.orders", "shop.prices", "shop.taxes"]]


def test_an_import_for_annotations_counts_where_it_is_asked_for(package):
    folder = package("if TYPE_CHECKING:\n    import shop.orders\nelse:\n    import os\n")
    assert circles(folder) == []
    assert circles(folder, typing=True) == [["shop.orders", "shop.prices", "shop.taxes"]]


def test_a_package_may_import_its_files(package):
    assert circles(package("import json\n")) == []
    assert circles(package("from shop import Order\n")) == [
        ["shop", "shop.orders", "shop.prices", "shop.taxes"]
    ]
