"""Finds the builder that ``module:builder`` names."""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from workflow_runtime.cli.exits import CommandError, UsageError
from workflow_runtime.closest import did_you_mean
from workflow_runtime.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder

# Frames below it are not the user's own.
_RUNTIME = str(Path(__file__).resolve().parents[1])


def load_builder(target: str) -> WorkflowBuilder:
    """Imports the module as the working directory sees it and takes the builder out of it.

    Raises:
        UsageError: no such module or attribute, or it is no builder and returns none.
        CommandError: the module or the function fails; names the place.
    """
    from workflow_runtime.builder import WorkflowBuilder  # noqa: PLC0415 - 130 ms of --help

    module_name, colon, attribute = target.partition(":")
    if not (colon and module_name and attribute):
        raise UsageError(
            f"expected MODULE:BUILDER such as my_service.main:builder, got {target!r}."
        )
    found = _attribute(_module(module_name), attribute)
    builder = found if isinstance(found, WorkflowBuilder) else _called(target, found)
    if not isinstance(builder, WorkflowBuilder):
        raise UsageError(
            f"{target} is {type(builder).__name__}; expected a WorkflowBuilder or a function "
            "without parameters that returns one."
        )
    return builder


def _module(name: str) -> ModuleType:
    see_working_directory()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # The module itself, or a package that it is in, or else something that it imports.
        if error.name is None or not name.startswith(error.name):
            raise UsageError(f"{name} needs {error.name}, which is not installed.") from error
        raise UsageError(
            f"no module {error.name!r} in {Path.cwd()} or among the installed packages."
        ) from error
    except Exception as error:
        raise _failed(f"{name} cannot be imported", error) from error


def _called(target: str, found: Any) -> Any:
    if not callable(found):
        return found
    try:
        _signature(found).bind()
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{target} is to be called without arguments, but {error}; give its parameters "
            "defaults."
        ) from error
    try:
        return found()
    except WorkflowError as error:
        raise CommandError(str(error)) from error  # its message is for the user already
    except Exception as error:
        raise _failed(f"{target} failed", error) from error


def _signature(function: Any) -> inspect.Signature:
    """The parameters of a function, without evaluating its annotations.

    Since Python 3.14 reading a signature evaluates them, and their names need not exist.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format  # noqa: PLC0415 - there only since Python 3.14

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _failed(what: str, error: Exception) -> CommandError:
    """One line with the last place in the user's own code: a whole traceback hides it."""
    if isinstance(error, SyntaxError):
        return CommandError(f"{what}: {error.filename}:{error.lineno}: {error.msg}.")
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if not each.filename.startswith(("<frozen", _RUNTIME))]
    place = f"{own[-1].filename}:{own[-1].lineno}: " if own else ""
    return CommandError(f"{what}: {place}{type(error).__name__}: {error}")


def see_working_directory() -> None:
    """Lets the modules of the working directory, and of its ``src``, be imported."""
    # A script has its own folder on the path, where `python -m` has the working directory. The
    # services of the template keep their package in src.
    for folder in (str(Path.cwd()), str(Path.cwd() / "src")):
        if folder not in sys.path:
            sys.path.insert(0, folder)


def _attribute(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        public = [each for each in vars(module) if not each.startswith("_")]
        hint = did_you_mean(name, public)
        end = f"; {hint}" if hint else "."
        raise UsageError(f"{module.__name__} has no {name!r}{end}") from None
