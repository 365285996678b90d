"""OAuth tokens: one for all of a process, renewed before they end, asked for ever more rarely.

Fetched with aiohttp instead of pyzeebe's plugin: that one has no timeout, no proxy or CA
settings, and lets every waiting call fetch its own token (docs/decisions/own-oauth.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from loguru import logger
from typing_extensions import override

from workflow_runtime.backoff import Backoff
from workflow_runtime.gateway.call_credentials import CallCredentials, Metadata
from workflow_runtime.gateway.errors import DeadlineExceeded, GatewayError, Unavailable
from workflow_runtime.gateway.execution import never_left
from workflow_runtime.gateway.token_server import Token, TokenFailure, TokenSource, fetch_token
from workflow_runtime.threads import own_lookups

__all__ = ["OAuthCredentials", "TokenSource", "credentials_of"]

_LEEWAY = 60.0
"""Seconds before a token's end in which it is renewed."""
_NEWS = 1.0
"""Seconds that a caller waits for an answer of a server that has failed the last time."""
_MERCY = 5.0
"""Seconds beyond its own limit after which a request is not waited for any more."""
_REFUSED = 10.0
"""Seconds between two tokens that are fetched because the gateway refuses them."""
_LONGEST_WISH = 300.0
"""Seconds at most that a server is left alone because it asks for it."""


@dataclass(frozen=True, slots=True)
class _Held:
    metadata: Metadata = field(repr=False)
    renew_at: float
    good_until: float


class OAuthCredentials(CallCredentials):
    """A bearer token, which one request fetches for everybody; usable from any event loop.

    Within its last minute it is renewed aside, while calls go on with it. After a failure the
    server is left alone for a while that grows, by chance a little longer or shorter, up to half
    a minute, or a minute where only somebody's hand helps; meanwhile whoever has no valid token
    hears at once why.

    Args:
        source: where tokens are fetched.
        clock: the time in seconds, monotonic.
    """

    def __init__(self, source: TokenSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._failure: TokenFailure | None = None
        self._asking: Future[None] | None = None
        self._ask_at = 0.0
        self._heed_refusals_at = 0.0
        self._passing = Backoff(initial=1.0, maximum=30.0)
        self._lasting = Backoff(initial=10.0, maximum=60.0, jitter=0.25)
        self._said = ""

    @override
    def current(self) -> Metadata | None:
        held, now = self._held, self._clock()
        if held is None or now >= held.good_until:
            return None
        if now >= held.renew_at and now >= self._ask_at:
            self._ask()
        return held.metadata

    @override
    async def fetch(self) -> Metadata:
        known = self._failure
        # Another caller may have fetched one meanwhile.
        if (metadata := self.current()) is not None:
            return metadata
        asking = self._ask()
        if asking is not None:
            limit = self._source.timeout.total_seconds() + _MERCY
            await _settled(asking, _NEWS if known else limit)
        metadata = self.current()
        if metadata is None:
            raise self._error()
        return metadata

    @override
    def refused(self, metadata: Metadata, *, forbidden: bool) -> None:
        with self._lock:
            held, now = self._held, self._clock()
            # Another one may have been fetched since the call went out: that one is kept. And a
            # gateway that takes none of them must not make us ask for one after the other.
            if held is None or held.metadata != metadata or now < self._heed_refusals_at:
                return
            self._heed_refusals_at = now + _REFUSED
            # Who may not do one thing may do others: that token is kept until there is another.
            good_until = held.good_until if forbidden else now
            self._held = _Held(metadata, renew_at=now, good_until=good_until)

    def _ask(self) -> Future[None] | None:
        """The request that is under way, begun if it is time for one."""
        with self._lock:
            if self._asking is None and self._clock() >= self._ask_at:
                self._asking = Future()
                # Or else a caller that is cancelled would cancel it for the others.
                self._asking.set_running_or_notify_cancel()
                # A thread: a caller's event loop may end while callers on others wait.
                thread = threading.Thread(target=self._run, args=(self._asking,), daemon=True)
                thread.name = "token"
                try:
                    thread.start()
                except RuntimeError as error:
                    self._asking = None
                    self._note_failure(
                        TokenFailure(Unavailable, f"it cannot be asked for: {error}")
                    )
            return self._asking

    def _run(self, asking: Future[None]) -> None:
        try:
            outcome: Token | TokenFailure = asyncio.run(_fetched(self._source))
        except TokenFailure as failure:
            outcome = failure
        except Exception as error:  # noqa: BLE001 - whatever it is, callers wait for an end
            outcome = TokenFailure(Unavailable, f"the request failed: {type(error).__name__}")
        with self._lock:
            self._asking = None
            if isinstance(outcome, Token):
                self._note(outcome)
            else:
                self._note_failure(outcome)
        asking.set_result(None)

    def _note(self, token: Token) -> None:
        now, life = self._clock(), token.lifetime
        # Short-lived tokens keep a share of their life instead of being stale at birth.
        renew_at = now + max(life - _LEEWAY, life / 2)
        self._held = _Held((("authorization", f"Bearer {token.text}"),), renew_at, now + life)
        self._failure, self._ask_at = None, now
        self._passing.reset()
        self._lasting.reset()
        self._said = ""

    def _note_failure(self, failure: TokenFailure) -> None:
        now = self._clock()
        wait = (self._lasting if failure.lasting else self._passing).next()
        # Later than asked for, and not all at the same moment.
        wish = min(failure.retry_after, _LONGEST_WISH) * (1 + 0.1 * self._passing.rand())
        self._failure, self._ask_at = failure, now + max(wait, wish)
        # Whoever finds no valid token says so; that it comes to this nobody else would know.
        left = self._held.good_until - now if self._held else 0.0
        if left > 0 and failure.text != self._said:
            self._said = failure.text
            text = "no new token: {}; asking until there is one, the last one is good for {:.0f} s"
            # A sink that raises must not keep a token from anybody.
            with contextlib.suppress(Exception):
                logger.warning(text, failure.text, left)

    def _error(self) -> Exception:
        failure = self._failure
        if failure is None:
            return _no_token(DeadlineExceeded("the request for it has not ended"), _NEWS)
        # A new one for each caller: they would share a traceback that grows.
        error = failure.kind(failure.text)
        if isinstance(error, GatewayError):
            _no_token(error, max(0.0, self._ask_at - self._clock()))
        return error


_shared: WeakValueDictionary[TokenSource, OAuthCredentials] = WeakValueDictionary()
_sharing = threading.Lock()


def credentials_of(source: TokenSource) -> OAuthCredentials:
    """Gives the credentials of a source; they are the same ones for the whole process.

    Args:
        source: where tokens are fetched, and for whom.
    """
    with _sharing:
        found = _shared.get(source)
        if found is None:
            found = _shared[source] = OAuthCredentials(source)
        return found


def _no_token(error: GatewayError, retry_after: float) -> GatewayError:
    error.no_token, error.retry_after = True, retry_after
    return never_left(error)


async def _fetched(source: TokenSource) -> Token:
    # Or else a name server that hangs would hold up the end of the process.
    own_lookups(asyncio.get_running_loop())
    return await fetch_token(source)


async def _settled(asking: Future[None], seconds: float) -> None:
    waiting = asyncio.wrap_future(asking)
    try:
        await asyncio.wait([waiting], timeout=seconds)
    finally:
        # This loop may be closed when the answer comes.
        waiting.cancel()
