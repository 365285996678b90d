"""What a look of ``workflow doctor`` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workflow_runtime.cli.exits import ExitCode

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        subject: what was looked at.
        state: ``bad`` is to be mended, a ``note`` is to be known.
        detail: what was seen.
        remedy: what to do; empty if nothing.
        code: the exit code, should this be the first that is bad.
    """

    subject: str
    state: Literal["ok", "note", "bad"]
    detail: str
    remedy: str = ""
    code: ExitCode = ExitCode.FAILED
