"""The metadata with which each call says who we are."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

__all__ = ["BasicCredentials", "CallCredentials", "Metadata", "NoCredentials"]

Metadata = tuple[tuple[str, str], ...]


class CallCredentials(Protocol):
    """What each call carries."""

    def current(self) -> Metadata | None:
        """The metadata, or None if it has to be fetched first."""
        ...

    async def fetch(self) -> Metadata:
        """Fetches new metadata; many callers at once cause one fetch."""
        ...

    def refused(self, metadata: Metadata) -> None:
        """The gateway has refused a call with these: what was fetched is worthless."""
        ...


@dataclass(frozen=True, slots=True)
class NoCredentials(CallCredentials):
    """For a gateway that asks nobody who they are."""

    @override
    def current(self) -> Metadata | None:
        return ()

    @override
    async def fetch(self) -> Metadata:
        return ()

    @override
    def refused(self, metadata: Metadata) -> None:
        pass  # there is nothing to renew


class BasicCredentials(CallCredentials):
    """User and password, as a proxy in front of the gateway asks for."""

    def __init__(self, user: str, password: str) -> None:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._metadata: Metadata = (("authorization", f"Basic {token}"),)

    @override
    def current(self) -> Metadata | None:
        return self._metadata

    @override
    async def fetch(self) -> Metadata:
        return self._metadata

    @override
    def refused(self, metadata: Metadata) -> None:
        pass  # there is nothing to renew
