"""What stops an element: it becomes an incident, and is tried again when that is resolved."""

from __future__ import annotations

__all__ = ["Failure"]


class Failure(Exception):
    """An element cannot go on; ``error_type`` is one of semantics#incident-types."""

    def __init__(self, error_type: str, message: str, scope_key: int | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.scope_key = scope_key
