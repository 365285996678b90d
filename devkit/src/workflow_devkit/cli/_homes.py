"""By which name Python imports the code of a folder, and from where."""

from __future__ import annotations

import os
from pathlib import Path

from workflow_runtime.cli.exits import UsageError

__all__ = ["conftest", "home_of"]

_PROJECT = ("pyproject.toml", "setup.cfg", "setup.py")
_CONFTEST = '''\
"""Lets `pytest` import the service where it is not installed."""

import sys
from pathlib import Path

sys.path.insert(0, str((Path(__file__).parent / "{}").resolve()))
'''


def home_of(folder: Path) -> tuple[Path, str]:
    """Where imports begin, and the package that a folder is there.

    ``src`` and ``my_service.handlers`` for ``src/my_service/handlers``.

    Raises:
        UsageError: Python cannot import it.
    """
    place = folder.resolve()
    root = next(filter(_is_root, place.parents), place.parent)
    parts = place.relative_to(root).parts
    if place == Path.cwd() or not all(part.isidentifier() for part in parts):
        raise UsageError(
            f"-o {folder}: expected a folder that Python can import from here, such as "
            "src/my_service/handlers."
        )
    return root, ".".join(parts)


def _is_root(folder: Path) -> bool:
    """Whether what is in a folder is imported without the folder's own name."""
    if folder == Path.cwd() or any((folder / name).is_file() for name in _PROJECT):
        return True
    # Some have a package that is called so.
    return folder.name == "src" and not (folder / "__init__.py").is_file()


def conftest(tests: Path, root: Path) -> str:
    """The source of a ``conftest.py`` with which tests can import what is below ``root``."""
    return _CONFTEST.format(Path(os.path.relpath(root, tests.resolve())).as_posix())
