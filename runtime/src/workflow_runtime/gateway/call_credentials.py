"""The metadata with which each call says who we are."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

__all__ = ["BasicCredentials", "CallCredentials", "Metadata", "NoCredentials"]

Metadata = tuple[tuple[str, str], ...]


class CallCredentials(Protocol):
    """Makes the metadata with which each call says who we are."""

    def current(self) -> Metadata | None:
        """Gives the metadata without waiting.

        Returns:
            The metadata, or None if it has to be fetched first.
        """
        ...

    async def fetch(self) -> Metadata:
        """Fetches metadata where there is none; many callers at once cause one fetch.

        Returns:
            The metadata.

        Raises:
            Unauthenticated: the authorization server refused.
            Unavailable: it could not be reached, or gave no token.
            DeadlineExceeded: it did not answer in time.
        """
        ...

    def refused(self, metadata: Metadata, *, forbidden: bool) -> None:
        """Has metadata fetched anew that the gateway has refused, not too often.

        Args:
            metadata: what the refused call carried.
            forbidden: whether the gateway knows who it is, and forbids this one call.
        """
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
    def refused(self, metadata: Metadata, *, forbidden: bool) -> None:
        pass  # there is nothing to renew


class BasicCredentials(CallCredentials):
    """User and password, as a proxy in front of the gateway asks for.

    Args:
        user: the user.
        password: that user's password.
    """

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
    def refused(self, metadata: Metadata, *, forbidden: bool) -> None:
        pass  # there is nothing to renew
