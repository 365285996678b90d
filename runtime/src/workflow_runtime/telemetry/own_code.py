"""Which lines of logging are the service's own, and which come from libraries.

Neither names nor folders alone tell: a logger may be called anything, and in an image the service
is installed beside what it uses.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import distributions
from pathlib import Path, PurePath
from types import ModuleType

__all__ = ["OwnCode"]

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_UNPACKED = (".whl", ".egg")
"""How folders of packages end that a tool has unpacked elsewhere, as pex does."""
_LIBRARIES = tuple(
    os.path.normcase(f"{folder}{os.sep}")
    for folder in (Path(logging.__file__).parents[1], Path(__file__).parents[1])
)
"""Where Python's own modules are, as they say themselves, and the runtime's."""


class OwnCode:
    """Tells the service's own code from that of libraries.

    Args:
        modules: names of modules that are surely the service's, wherever they are installed.
    """

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self._homes = tuple(dict.fromkeys(home for name in modules if (home := _home(name))))
        self._known: dict[tuple[str, str], bool] = {}

    def wrote(self, record: logging.LogRecord) -> bool:
        """Judges a line by its logger's name, if that is a module's, and by who has called.

        Args:
            record: what logging has.

        Returns:
            Whether it is one of the service's own.
        """
        key = (record.name, record.pathname)
        if key not in self._known:
            self._known[key] = self._judge(*key)
        return self._known[key]

    def _judge(self, name: str, path: str) -> bool:
        of_name = _file_of(name)
        if of_name and self._is_own(of_name):
            # Helpers of libraries log for others, as those of tenacity do.
            return True
        # Compiled code has no frames: its caller, who may be anybody, stands in the record.
        return not of_name.endswith(tuple(EXTENSION_SUFFIXES)) and self._is_own(path)

    def _is_own(self, path: str) -> bool:
        path = os.path.normcase(path)
        if path.startswith(self._homes):
            return True
        parts = PurePath(path).parts
        return not (
            _INSTALLED.intersection(parts)
            or any(each.endswith(_UNPACKED) for each in parts)
            or path.startswith((*_LIBRARIES, "<frozen "))
            or _is_beside_its_metadata(path)
        )


def _home(name: str) -> str:
    """Where the regular package is that a module belongs to, or the module's own file."""
    if name == "__main__":
        # As it was started: `python -m shop` runs shop/__main__.py.
        name = getattr(sys.modules[name], "__package__", "") or name
    top = name.partition(".")[0]
    if not top or top in sys.stdlib_module_names or top in {"workflow_runtime", "workflow_devkit"}:
        return ""
    for each in _with_parents(name)[::-1]:
        # Parts of a namespace are of many distributions.
        if file := _file(sys.modules.get(each)):
            package = hasattr(sys.modules[each], "__path__")
            return os.path.normcase(f"{Path(file).parent}{os.sep}" if package else file)
    return ""


def _file_of(name: str) -> str:
    """The file of the module that a logger is named after; empty if there is none."""
    found = (_file(sys.modules.get(each)) for each in _with_parents(name))
    return next(filter(None, found), "")


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _file(module: ModuleType | None) -> str:
    return getattr(module, "__file__", None) or ""


def _is_beside_its_metadata(path: str) -> bool:
    """Whether pip has put it there, as ``--target`` does, beside the service's own modules."""
    entries = (os.path.normcase(f"{each.rstrip(os.sep)}{os.sep}") for each in sys.path if each)
    entry = max((each for each in entries if path.startswith(each)), key=len, default="")
    top = PurePath(path.removeprefix(entry)).parts[:1]
    return bool(entry) and _installed_into(entry).issuperset(top)


@cache
def _installed_into(folder: str) -> frozenset[str]:
    return frozenset(_tops_of(folder))


def _tops_of(folder: str) -> Iterator[str]:
    for each in distributions(path=[folder]):
        # Of what is only linked to, as in development, there is no list of files here.
        if each.read_text("RECORD"):
            yield from (os.path.normcase(file.parts[0]) for file in each.files or ())
