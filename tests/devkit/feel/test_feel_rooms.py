"""The rooms inside ``feel``: each imports only those before it, others come in by the door."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import workflow_devkit.feel

HOME = Path(workflow_devkit.feel.__file__).parent
NAME = workflow_devkit.feel.__name__
OFFERED = workflow_devkit.feel.__all__


def imported(path):
    """The modules that a file imports, also inside functions, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(dotted):
    """The module of ``feel`` that a dotted name is in, as a path below it; None for others."""
    if not dotted.startswith(f"{NAME}."):
        return None
    parts = dotted.removeprefix(f"{NAME}.").split(".")
    for end in range(len(parts), 0, -1):
        path = HOME.joinpath(*parts[:end])
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return "/".join(parts[:end])
    return "__init__"


def arrows():
    for path in sorted(HOME.rglob("*.py")):
        here = path.relative_to(HOME).with_suffix("").as_posix().removesuffix("/__init__")
        for dotted in imported(path):
            there = module_of(dotted)
            if there not in {None, here}:
                yield here, there


def in_order(pairs):
    """The nodes, each behind those that it points to; a circle raises ``CycleError``."""
    graph = {}
    for here, there in pairs:
        graph.setdefault(here, set()).add(there)
    return list(TopologicalSorter(graph).static_order())


def test_no_two_files_import_each_other_in_a_circle():
    order = in_order(arrows())
    assert order[-1] == "__init__"


def test_rooms_import_only_rooms_before_them():
    def room(module):
        return module.partition("/")[0]

    pairs = [(room(here), room(there)) for here, there in arrows() if room(here) != room(there)]
    order = [name for name in in_order(pairs) if (HOME / name).is_dir()]
    assert order == ["temporal", "builtins", "grammar", "compile"]


def test_others_import_only_what_the_package_itself_offers():
    inside = {
        f"{path.name}: {dotted}"
        for path in HOME.parent.rglob("*.py")
        if not path.is_relative_to(HOME)
        for dotted in imported(path)
        if dotted.startswith(f"{NAME}.") and dotted.removeprefix(f"{NAME}.") not in OFFERED
    }
    assert inside == set(), "import it from the package; add it to its __all__"
