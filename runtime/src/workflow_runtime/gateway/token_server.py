"""One request to a token server, and what its answer means."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final

import aiohttp

from workflow_runtime.errors import AddressError
from workflow_runtime.gateway.errors import DeadlineExceeded, Unauthenticated, Unavailable
from workflow_runtime.gateway.http import Answer, Http, reason_of
from workflow_runtime.urls import redacted

__all__ = ["Token", "TokenFailure", "TokenSource", "fetch_token"]

_REFUSED: Final = frozenset({400, 401, 403})
"""400 too: RFC 6749 (5.2) lets a server say invalid_client with it."""
_MAY_PASS: Final = frozenset({408, 425, 429})
"""The other answers below 500 stay as they are until somebody mends something."""
_OK: Final = range(200, 300)
_ADVICE: Final = {
    "invalid_client": "check client_id and client_secret",
    "unauthorized_client": "the client may not use the grant client_credentials",
    "unsupported_grant_type": "the server does not know the grant client_credentials",
    "invalid_grant": "check client_id and client_secret",
    "invalid_scope": "check oauth_scope",
    "invalid_target": "check oauth_audience",
    "access_denied": "check oauth_audience and what the client may do",
    "invalid_request": "check oauth_audience and oauth_scope",
}
"""What to look at, by the error codes of RFC 6749 and its like; no other text is repeated."""
_UNSAID: Final = 300.0
"""Seconds that a token is taken to live where its server says nothing that makes sense: RFC 6749
(5.1) recommends expires_in and does not demand it."""
_SHORTEST, _LONGEST = 2.0, 86_400.0
"""Seconds: a token is not asked for anew at each call, nor believed for years."""


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


@dataclass(frozen=True, slots=True)
class Token:
    """A ``text`` to show, and its ``lifetime`` in seconds from the answer on."""

    text: str = field(repr=False)
    lifetime: float


class TokenFailure(Exception):
    """Why a request has brought no token.

    Args:
        kind: the error for whoever wanted one.
        text: who did what, in words; nothing secret.
        lasting: whether it stays so until somebody mends something.
        retry_after: seconds that the server wants to be left alone; 0 where it says nothing.
    """

    def __init__(
        self, kind: type[Exception], text: str, *, lasting: bool = False, retry_after: float = 0.0
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.lasting = lasting
        self.retry_after = retry_after


async def fetch_token(source: TokenSource) -> Token:
    """Asks a token server once.

    Args:
        source: where it is, and who asks.

    Returns:
        Its token.

    Raises:
        TokenFailure: it is away, has not answered in time, refuses, or has answered no token.
    """
    where = f"token server {redacted(source.url)}"
    try:
        answer = await _post(source)
    except AddressError as error:
        raise TokenFailure(AddressError, str(error), lasting=True) from None
    except TimeoutError:
        seconds = f"{source.timeout.total_seconds():.3g} s"
        raise TokenFailure(DeadlineExceeded, f"{where}: no answer within {seconds}") from None
    except aiohttp.ClientConnectorCertificateError as error:
        reason = getattr(error.certificate_error, "verify_message", type(error).__name__)
        text = f"{where}: its certificate is not trusted ({reason}); ca_file names its authority"
        raise TokenFailure(Unavailable, text, lasting=True) from None
    except (aiohttp.ClientError, OSError) as error:
        # Without the error itself: the URL, with a password in it, may be in its text.
        raise TokenFailure(Unavailable, f"{where} is away: {reason_of(error)}") from None
    if answer.status not in _OK:
        raise _refusal(where, answer)
    return _token(where, answer)


def _refusal(where: str, answer: Answer) -> TokenFailure:
    wait = _retry_after(answer.headers)
    if answer.redirect:
        text = f"{where} answers {answer}; oauth_url names where tokens are fetched"
        return TokenFailure(Unavailable, text, lasting=True, retry_after=wait)
    if answer.status in _REFUSED:
        code = str(_field(answer, "error"))
        known = f" {code}" if code in _ADVICE else ""
        advice = _ADVICE.get(code, _ADVICE["invalid_client"])
        text = f"{where} refuses the client: {answer}{known}; {advice}"
        return TokenFailure(Unauthenticated, text, lasting=True, retry_after=wait)
    if answer.status >= 500 or answer.status in _MAY_PASS:  # noqa: PLR2004 - HTTP's server errors
        return TokenFailure(Unavailable, f"{where} answers {answer}", retry_after=wait)
    text = f"{where} answers {answer}; oauth_url names where tokens are fetched"
    return TokenFailure(Unavailable, text, lasting=True, retry_after=wait)


def _token(where: str, answer: Answer) -> Token:
    text = _field(answer, "access_token")
    # What no header can carry is none: gRPC would fail at each call.
    if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()):
        # Without the answer: a piece of a token may be in it.
        raise TokenFailure(Unavailable, f"{where} answers {answer} without a token")
    return Token(text, _lifetime(_field(answer, "expires_in")))


def _lifetime(said: Any) -> float:
    try:
        seconds = float(said)
    except (TypeError, ValueError, OverflowError):
        return _UNSAID
    # 0 is what servers say whose tokens have no end.
    if not isfinite(seconds) or seconds <= 0:
        return _UNSAID
    return min(max(seconds, _SHORTEST), _LONGEST)


def _field(answer: Answer, name: str) -> Any:
    try:
        return answer.json().get(name)
    except (ValueError, AttributeError, RecursionError):
        return None


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds; a date is compared with the server's own clock where it tells it (RFC 9110)."""
    said = headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said[:9])
    try:
        now = _time(headers["Date"]) if "Date" in headers else time.time()
        return max(0.0, _time(said) - now)
    except (ValueError, TypeError):
        return 0.0


def _time(date: str) -> float:
    parsed: datetime = parsedate_to_datetime(date)
    return parsed.timestamp()


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
