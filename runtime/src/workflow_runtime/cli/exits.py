"""Exit codes, and how errors become one line on stderr instead of a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import IntEnum
from typing import NoReturn, ParamSpec, TypeVar

import typer

from workflow_runtime.cli.output import note
from workflow_runtime.errors import WorkflowError
from workflow_runtime.extras import lacking
from workflow_runtime.gateway.errors import (
    DeadlineExceeded,
    GatewayError,
    Unauthenticated,
    Unavailable,
)
from workflow_runtime.urls import redacted

P = ParamSpec("P")
Result = TypeVar("Result")


class ExitCode(IntEnum):
    """The exit codes of the command; docs/reference/cli.md is made from these lines."""

    OK = 0
    FAILED = 1
    """The engine refused, or something was found."""
    USAGE = 2
    """The command line is wrong, or a part is not installed; nothing was tried."""
    UNREACHABLE = 3
    """Nothing answers at the address: no gateway, no Operate, no database."""
    REFUSED = 4
    """The credentials are refused."""
    UNKNOWN = 5
    """`start`, `publish`, `signal`: perhaps executed, no answer came. After 1 to 4 it was not.
    `resolve`: resolved, and Operate does not show what came of it."""


class CommandError(Exception):
    """A message for the user and the exit code that goes with it."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


class UsageError(CommandError):
    """The command line is wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ExitCode.USAGE)


_BY_GATEWAY_ERROR: tuple[tuple[type[GatewayError], ExitCode], ...] = (
    (Unavailable, ExitCode.UNREACHABLE),
    (DeadlineExceeded, ExitCode.UNREACHABLE),  # it may be there, but it does not answer
    (Unauthenticated, ExitCode.REFUSED),
)

_REMEDIES = {
    ExitCode.UNREACHABLE: "Is the broker up, and is --address (or ZEEBE_ADDRESS) right? "
    "`workflow doctor` looks closer; `workflow dev` starts an engine on this machine.",
    ExitCode.REFUSED: "Check the credentials in the environment; `workflow doctor` shows which "
    "ones are used.",
}

_NOTHING_ASKED = "So nothing was asked of the gateway; `workflow doctor` looks at the token server."


def reporting(command: Callable[P, Result]) -> Callable[P, Result]:
    """Wraps a command, so that an expected error becomes a message on stderr and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except CommandError as error:
            _leave(str(error), error.code)
        except GatewayError as error:
            code = exit_code_of(error)
            _leave(_gateway_message(error, code), code)
        # An extra that is not installed; any other missing module is a fault to be seen whole.
        except ImportError as error:
            if not lacking(error):
                raise
            _leave(lacking(error), ExitCode.USAGE)
        except OSError as error:
            _leave(_os_message(error), ExitCode.FAILED)
        except WorkflowError as error:
            _leave(str(error), ExitCode.FAILED)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None  # as a shell has it: 128 + SIGINT

    return wrapped


def exit_code_of(error: GatewayError) -> ExitCode:
    """The exit code for an error of the gateway."""
    matches = (code for kind, code in _BY_GATEWAY_ERROR if isinstance(error, kind))
    return next(matches, ExitCode.FAILED)


def _os_message(error: OSError) -> str:
    named = error.filename is not None and error.strerror is not None
    return f"{error.filename}: {error.strerror}" if named else str(error)


def _gateway_message(error: GatewayError, code: ExitCode) -> str:
    lines = [f"{error.status}: {error.message}", _REMEDIES.get(code, "")]
    if error.no_token:
        lines = [error.reason, _NOTHING_ASKED if code == ExitCode.UNREACHABLE else lines[1]]
    return "\n".join(line for line in lines if line)


def _leave(message: str, code: int) -> NoReturn:
    # Errors of drivers and of strangers' modules repeat URLs.
    note(f"workflow: {redacted(message)}")
    raise typer.Exit(int(code)) from None
