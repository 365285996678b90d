"""Why nothing can be sent to a port: its name, the port, the certificate and silence told apart."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from workflow_runtime.cli._finding import Finding
from workflow_runtime.cli.exits import ExitCode
from workflow_runtime.threads import own_lookups
from workflow_runtime.urls import redacted

__all__ = ["PATIENCE", "Trouble", "Trust", "probe", "probe_url"]

PATIENCE = 5.0
"""Seconds that a name, a port and a certificate have each."""
_PORTS = {"http": 80, "https": 443}
_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH}


class Trust(NamedTuple):
    """Which authority certificates come from, and the variable that names its file (PEM)."""

    file: Path | None = None
    variable: str = "SSL_CERT_FILE"


class Trouble(NamedTuple):
    """What is wrong with a line, and what to do."""

    detail: str
    remedy: str

    def of(self, subject: str) -> Finding:
        """The finding about what is behind the line."""
        return Finding(subject, "bad", self.detail, self.remedy, ExitCode.UNREACHABLE)


async def probe_url(url: str, trust: Trust | None = None) -> Trouble | None:
    """What keeps from the server of an HTTP URL; None if nothing does.

    Args:
        url: of which nothing but scheme, host and port is used.
        trust: the authority of its certificate; None is the system's.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not (port and parts.hostname):
        shown = redacted(url)
        return Trouble(f"{shown} is no URL of a server", "it begins with http:// or https://")
    return await probe(parts.hostname, port, tls=parts.scheme == "https", trust=trust)


async def probe(
    host: str, port: int, *, tls: bool = False, trust: Trust | None = None
) -> Trouble | None:
    """What keeps from a port; None if nothing does.

    Args:
        host: a name or an address.
        port: of TCP.
        tls: whether it is to speak TLS, with a certificate for the host.
        trust: the authority of its certificate; None is the system's.
    """
    loop = asyncio.get_running_loop()
    # A name server that does not answer must not keep the command from its end.
    own_lookups(loop)
    try:
        async with asyncio.timeout(PATIENCE):
            await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Trouble(f"the name {host}: no answer of the name server", "is DNS up, and allowed?")
    except OSError as error:
        remedy = "is it spelt right? In a cluster a short name is known in its own namespace only"
        return Trouble(f"the name {host} is not known ({error.strerror})", remedy)
    return await _connect(host, port) or (
        await _encrypt(host, port, trust or Trust()) if tls else None
    )


async def _connect(host: str, port: int, tls: ssl.SSLContext | None = None) -> Trouble | None:
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=tls)
    except TimeoutError:
        return Trouble(
            f"{where}: no answer to a connection within {PATIENCE:.0f} s",
            "a firewall, a network policy, or a host that is off swallows it",
        )
    except ConnectionRefusedError:
        return Trouble(
            f"{where}: connection refused, nothing listens there",
            "is it running, and is the port right?",
        )
    except ssl.SSLError:
        raise
    except OSError as error:
        no_way = error.errno in _NO_WAY
        remedy = "is there a route, a VPN?" if no_way else "look at what is on the way"
        return Trouble(f"{where}: {error.strerror or type(error).__name__}", remedy)
    writer.close()
    return None


async def _encrypt(host: str, port: int, trust: Trust) -> Trouble | None:
    try:
        context = ssl.create_default_context(cafile=trust.file)
        trouble = await _connect(host, port, context)
    except ssl.SSLCertVerificationError as error:
        remedy = f"{trust.variable} names its authority (PEM); or renew it, or take a name it has"
        return Trouble(f"{host}:{port}: its certificate: {error.verify_message}", remedy)
    except ssl.SSLError as error:
        plain = error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}
        remedy = "the port speaks plain text: take http://" if plain else "what does it speak?"
        return Trouble(f"{host}:{port}: no TLS ({error.reason})", remedy)
    if trouble is None:
        return None
    # The port has been reached before, in plain text.
    return Trouble(f"{host}:{port}: TLS does not begin", "does the port speak plain text, http://?")
