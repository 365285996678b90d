"""The one way to servers that want credentials over HTTP: to the address given, no further.

A redirect would carry a secret to whoever it names, and plain text shows it to whoever is on the
way: none is followed, and nothing is sent in plain text unless that is said.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from workflow_runtime.errors import AddressError
from workflow_runtime.gateway.proxies import is_excepted_address, is_local
from workflow_runtime.urls import plain_text_problem, redacted

__all__ = ["Answer", "Http", "problems", "proxy_for", "reason_of"]

_REDIRECTS = range(300, 400)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server has answered.

    Attributes:
        status: of HTTP.
        headers: by their names, in any case.
        cookies: the ones that it sets.
        body: as it came.
        redirect: where else it sends us, as scheme and host; empty if it does not.
    """

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    redirect: str = ""

    def json(self) -> Any:
        """Reads the body.

        Raises:
            ValueError: it is no JSON.
        """
        return json.loads(self.body)

    def __str__(self) -> str:
        if not self.redirect:
            return f"HTTP {self.status}"
        return f"HTTP {self.status}, a redirect to {self.redirect}, which is not followed"


class Http:
    """Sends requests; it belongs to the event loop that it is first used on.

    Args:
        timeout: how long one request may take.
        allow_plaintext: credentials may go in plain text to hosts that are not this machine.
        proxy: the URL of a proxy; empty takes that of the environment, None none.
        ca_file: the authority (PEM) that certificates come from, instead of the system's.
    """

    def __init__(
        self,
        *,
        timeout: timedelta,
        allow_plaintext: bool = False,
        proxy: str | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._allow_plaintext = allow_plaintext
        self._proxy = proxy
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def call(self, method: str, url: str, *, secret: bool, **request: Any) -> Answer:
        """Sends a request and reads the whole answer.

        Args:
            method: of HTTP.
            url: where to.
            secret: there are credentials in it, besides those that the URL may have.
            **request: headers, data or json, as aiohttp takes them.

        Raises:
            AddressError: credentials would go in plain text; nothing was sent.
            aiohttp.ClientError: the server cannot be reached.
            TimeoutError: it has not answered in time.
        """
        proxy = proxy_for(url, self._proxy)
        for problem in problems(url, self._proxy, secret=secret, plaintext=self._allow_plaintext):
            raise AddressError(problem)
        async with self._open().request(
            method, url, proxy=proxy, allow_redirects=False, **request
        ) as answer:
            cookies = {name: each.value for name, each in answer.cookies.items()}
            redirect = _origin(url, answer) if answer.status in _REDIRECTS else ""
            return Answer(answer.status, answer.headers, cookies, await answer.read(), redirect)

    async def close(self) -> None:
        """Closes the connections and forgets cookies; another request opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
            # unsafe: of IP addresses aiohttp otherwise keeps no cookies. No trust_env: it would
            # send what it finds in ~/.netrc.
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.CookieJar(unsafe=True),
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(ssl=context),
            )
        return self._session


def problems(url: str, setting: str | None, *, secret: bool, plaintext: bool) -> Iterator[str]:
    """Says why nothing can be sent to a URL, or must not be.

    Args:
        url: where to.
        setting: the URL of a proxy; empty takes that of the environment, None none.
        secret: there are credentials in what is sent, besides those that the URL may have.
        plaintext: credentials may go in plain text to hosts that are not this machine.
    """
    proxy = proxy_for(url, setting) or ""
    if proxy and not proxy.lower().startswith(("http://", "https://")):
        # aiohttp fails by an assertion.
        yield f"{redacted(proxy)}: is no HTTP proxy, which begins with http://"
    if not plaintext:
        yield from filter(
            None,
            (
                plain_text_problem(url, secret=secret, proxy=setting or ""),
                plain_text_problem(proxy, secret=False),
            ),
        )


def proxy_for(url: str, setting: str | None) -> str | None:
    """Gives the proxy that a URL is reached by.

    Args:
        url: where to.
        setting: the URL of a proxy; empty takes that of the environment, None none.
    """
    if setting or setting is None:
        return setting
    parts = urlsplit(url)
    host = parts.hostname or ""
    # What is on this machine is not to be seen from a proxy.
    if is_local(host) or proxy_bypass(host) or _is_excepted(parts):
        return None
    return getproxies().get(parts.scheme, "").strip() or None


def _is_excepted(parts: SplitResult) -> bool:
    """What urllib's own look at a host does not find: its port, networks, IPv6 in brackets."""
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return False  # the request will say so
    host = parts.hostname or ""
    return proxy_bypass(f"{host}:{port}") or is_excepted_address(host, port)


def reason_of(error: BaseException) -> str:
    """Says why a request failed, without what may be secret in its address.

    Args:
        error: what aiohttp or the system raised.
    """
    kind = type(error).__name__
    reason = getattr(getattr(error, "os_error", error), "strerror", None)
    return f"{kind}, {redacted(reason)}" if isinstance(reason, str) and reason else kind


def _origin(url: str, answer: aiohttp.ClientResponse) -> str:
    try:
        parts = urlsplit(urljoin(url, answer.headers.get("Location", "")))
        host = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}"
