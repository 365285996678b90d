"""What Apprise says of our notices: why one failed, and no line in the log for each attempt."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import unquote

from workflow_runtime.urls import redacted

__all__ = ["diverted", "without_parts_of"]

_SAID: ContextVar[list[str] | None] = ContextVar("workflow_apprise", default=None)
_SHORTEST = 4
"""Characters of a part of a URL; blotting out shorter ones would hit ordinary words."""
_HOST = re.compile(r"(\w[\w-]*\.)+\w+|localhost")


def _keep(record: logging.LogRecord) -> bool:
    said = _SAID.get()
    if said is None:
        return True
    if record.levelno >= logging.WARNING:
        said.append(record.getMessage())
    return False


@contextmanager
def diverted() -> Iterator[list[str]]:
    """Collects the warnings of Apprise's calls in this context, which the log does not see.

    Yields:
        The texts so far.
    """
    # The program's own use of Apprise logs as before. Adding the same filter again does nothing.
    logging.getLogger("apprise").addFilter(_keep)
    said: list[str] = []
    token = _SAID.set(said)
    try:
        yield said
    finally:
        _SAID.reset(token)


def without_parts_of(url: str) -> Callable[[str], str]:
    """Gives a function that blots out what a text has of a URL: any part may be a token.

    Args:
        url: of Apprise; names of hosts are shown.
    """
    pieces = re.split(r"[/?&=:@,;#]+", url.partition("://")[2])
    parts = {part for piece in pieces for part in (piece, unquote(piece))}
    secrets = [part for part in parts if len(part) >= _SHORTEST and not _HOST.fullmatch(part)]

    def redact(text: str) -> str:
        # The longest first: one may be a part of another.
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return redacted(text)

    return redact
