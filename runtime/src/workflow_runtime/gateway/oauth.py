"""OAuth tokens: fetched once for all callers, renewed before they end.

Fetched with aiohttp instead of pyzeebe's plugin: that one has no timeout, no proxy or CA
settings, and lets every waiting call fetch its own token (docs/decisions/own-oauth.md).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
from typing_extensions import override

from workflow_runtime.gateway.call_credentials import CallCredentials, Metadata
from workflow_runtime.gateway.errors import (
    DeadlineExceeded,
    GatewayError,
    Unauthenticated,
    Unavailable,
)
from workflow_runtime.gateway.execution import never_left
from workflow_runtime.gateway.http import Answer, Http, reason_of
from workflow_runtime.urls import redacted

__all__ = ["OAuthCredentials", "TokenSource"]

# 400 too: RFC 6749 (5.2) lets a server say invalid_client with it.
_REFUSED = frozenset({400, 401, 403})
_NO_TOKEN = 300
"""HTTP statuses from here on bring no token."""


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where and how OAuth tokens are fetched (RFC 6749, client credentials).

    Attributes:
        url: the token endpoint.
        client_id: who we are.
        client_secret: the secret of ``client_id``.
        audience: for whom the token is; Camunda's identity asks for it.
        scope: what the token is for.
        proxy: the URL of a proxy; empty takes that of the environment.
        ca_file: the authority (PEM) that the endpoint's certificate comes from.
        timeout: how long one request may take.
        allow_plaintext: the secret may go in plain text to a host that is not this machine.
    """

    url: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    audience: str = ""
    scope: str = ""
    proxy: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=10)
    allow_plaintext: bool = False

    def form(self) -> dict[str, str]:
        """Makes the body of a request.

        Returns:
            The form's fields; those that are empty are left out.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "audience": self.audience,
            "scope": self.scope,
        }
        return {name: value for name, value in form.items() if value}


class OAuthCredentials(CallCredentials):
    """A bearer token, fetched by one caller for all.

    Within its last minute it is renewed aside, while calls go on with it: an authorization
    server that is away for a moment stops nobody.

    Args:
        source: where tokens are fetched.
        clock: the time in seconds, monotonic.
    """

    _LEEWAY = 60.0
    """Seconds before a token's end in which it is renewed."""
    _PAUSE = 5.0
    """Seconds between two attempts to renew a token that is still good."""

    def __init__(self, source: TokenSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._metadata: Metadata = ()
        self._renew_at = 0.0
        self._good_until = 0.0
        self._fetching: asyncio.Task[Metadata] | None = None

    @override
    def current(self) -> Metadata | None:
        now = self._clock()
        if now >= self._good_until:
            return None
        if now >= self._renew_at:
            # The next look comes after a pause, whatever becomes of this attempt.
            self._renew_at = now + self._PAUSE
            self._begin()
        return self._metadata

    @override
    async def fetch(self) -> Metadata:
        try:
            # A caller that is cancelled must not take the token from the others.
            return await asyncio.shield(self._begin())
        except GatewayError as error:
            raise never_left(error) from error.__cause__

    @override
    def refused(self, metadata: Metadata) -> None:
        # Another one may have been fetched since the call went out: that one is kept.
        if metadata == self._metadata:
            self._good_until = 0.0

    def _begin(self) -> asyncio.Task[Metadata]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.get_running_loop().create_task(self._renew())
            self._fetching.add_done_callback(_look_at)
        return self._fetching

    async def _renew(self) -> Metadata:
        token, lifetime = await _fetch_token(self._source)
        now = self._clock()
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._good_until = now + lifetime
        # Short-lived tokens keep a share of their life instead of being stale at birth.
        self._renew_at = now + max(lifetime - self._LEEWAY, lifetime / 2)
        return self._metadata


def _look_at(fetching: asyncio.Task[Metadata]) -> None:
    # Perhaps nobody waits: whoever finds no good token fetches again and hears why.
    if not fetching.cancelled():
        fetching.exception()


async def _fetch_token(source: TokenSource) -> tuple[str, float]:
    where = f"token from {redacted(source.url)}"
    try:
        answer = await _post(source)
    except TimeoutError as error:
        raise DeadlineExceeded(f"{where}: no answer within {source.timeout}") from error
    except aiohttp.ClientConnectorCertificateError as error:
        reason = getattr(error.certificate_error, "verify_message", type(error).__name__)
        raise Unavailable(
            f"{where}: its certificate is not trusted ({reason}); ca_file names its authority"
        ) from error
    except (aiohttp.ClientError, OSError) as error:
        # Without the error itself: the URL, with a password in it, may be in its text.
        raise Unavailable(f"{where}: {reason_of(error)}") from None
    if answer.redirect:
        raise Unavailable(f"{where}: {answer}; oauth_url names where tokens are fetched")
    if answer.status in _REFUSED:
        raise Unauthenticated(f"{where}: {answer}; check client id and secret")
    if answer.status >= _NO_TOKEN:
        raise Unavailable(f"{where}: {answer}")
    try:
        found = answer.json()
        # RFC 6749 (5.1) recommends expires_in and does not demand it.
        return str(found["access_token"]), float(found.get("expires_in", 300))
    except (ValueError, KeyError, TypeError, AttributeError):
        # Its text may have a piece of the answer.
        raise Unavailable(f"{where}: {answer} without a token") from None


async def _post(source: TokenSource) -> Answer:
    http = Http(
        timeout=source.timeout,
        allow_plaintext=source.allow_plaintext,
        proxy=source.proxy,
        ca_file=source.ca_file,
    )
    try:
        return await http.call("POST", source.url, secret=True, data=source.form())
    finally:
        await http.close()
