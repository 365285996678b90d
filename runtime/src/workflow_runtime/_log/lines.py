"""Log lines of which the work does not depend, whatever the service's own sinks do."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from loguru import logger

__all__ = ["write_line"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def write_line(
    level: str, message: str, *arguments: object, fields: Mapping[str, Any] = _NOTHING
) -> None:
    """Logs in the caller's name; never raises.

    A sink of the service's own may raise (loguru's ``catch=False``), and must neither keep a stop
    from its end nor an alert from its people.

    Args:
        level: of the line, such as "WARNING".
        message: with ``{}`` for each of ``arguments``.
        arguments: what the message shows.
        fields: of the line.
    """
    with contextlib.suppress(Exception):
        logger.bind(**fields).opt(depth=1).log(level, message, *arguments)
