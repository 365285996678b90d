"""What ``workflow doctor`` finds between here and the broker: address, credentials, tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from workflow_runtime import versions
from workflow_runtime.cli._finding import Finding
from workflow_runtime.cli._probe import Trust, probe, probe_url
from workflow_runtime.cli.connection import read_settings
from workflow_runtime.cli.exits import CommandError, ExitCode, exit_code_of
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.gateway.cluster import with_cluster
from workflow_runtime.gateway.connect import NO_ADDRESS, check_connection, connect
from workflow_runtime.gateway.errors import GatewayError, Unauthenticated
from workflow_runtime.gateway.introduction import credentials_in_words
from workflow_runtime.gateway.proxies import proxy_of
from workflow_runtime.urls import redacted
from workflow_runtime.versions import Version

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.gateway.address import Address
    from workflow_runtime.gateway.values import Topology

__all__ = ["look_at_gateway"]

_PATIENCE = timedelta(seconds=5)


def look_at_gateway(address: str | None) -> Iterator[Finding]:
    """From near to far: what is wrong first may be the reason for what is wrong later."""
    try:
        settings = with_cluster(read_settings(address))
        target = check_connection(settings)
    except (CommandError, ConfigurationError) as error:
        yield Finding("address", "bad", str(error), code=ExitCode.USAGE)
        return
    if target is None:
        yield Finding("address", "bad", NO_ADDRESS, code=ExitCode.USAGE)
        return
    line = "TLS" if target.tls else "plain text"
    yield Finding("address", "ok", f"{target}, {line}")
    yield Finding("credentials", "ok", credentials_in_words(settings))
    if target.embedded:
        yield Finding("broker", "ok", "the engine lives inside the service; nothing to reach")
        return
    tokens = _token_proxy(settings)
    yield from _proxies(settings, target, tokens)
    if settings.client_id:
        token = asyncio.run(_token(settings, through_proxy=bool(tokens)))
        yield token
        if token.state == "bad":
            return
    yield from _broker(settings, target)


def _token_proxy(settings: WorkflowSettings) -> str:
    if not settings.client_id:
        return ""
    from workflow_runtime.gateway.http import proxy_for  # noqa: PLC0415 - aiohttp: 0.2 s

    return proxy_for(settings.oauth_url, settings.oauth_proxy) or ""


def _proxies(settings: WorkflowSettings, target: Address, tokens: str) -> Iterator[Finding]:
    found = {
        "the connection": (proxy_of(target), target.host),
        "token requests": (redacted(tokens), redacted(settings.oauth_url)),
    }
    for what, (proxy, host) in found.items():
        if proxy:
            remedy = f"if that is not wanted, put the host of {host} into no_proxy"
            yield Finding("proxy", "note", f"{what} through {proxy}", remedy)


async def _token(settings: WorkflowSettings, *, through_proxy: bool) -> Finding:
    """Whether the token server is there, and takes the credentials: two different troubles."""
    from workflow_runtime.gateway.grpc_credentials import credentials_for  # noqa: PLC0415 - grpc

    where = f"token server {redacted(settings.oauth_url)}"
    trust = Trust(settings.ca_file, "WORKFLOW_CA_FILE")
    if not through_proxy and (trouble := await probe_url(settings.oauth_url, trust)):
        remedy = (
            f"{trouble.remedy} (WORKFLOW_OAUTH_URL); without a token the broker cannot be asked, "
            "and nothing is said about the credentials"
        )
        return trouble._replace(detail=f"{where}: {trouble.detail}", remedy=remedy).of("token")
    limited = settings.model_copy(update={"oauth_timeout": min(settings.oauth_timeout, _PATIENCE)})
    try:
        await credentials_for(limited).call.fetch()
    except Unauthenticated as error:
        remedy = (
            f"refused: client id {settings.client_id} or its secret is wrong, expired or of "
            "another server, or it may not ask for this audience (WORKFLOW_OAUTH_AUDIENCE) or "
            "scope (WORKFLOW_OAUTH_SCOPE); the token server's log says which"
        )
        return Finding("token", "bad", error.message, remedy, ExitCode.REFUSED)
    except GatewayError as error:
        remedy = (
            "the server is there and gives none: see its log; or is WORKFLOW_OAUTH_URL not its "
            "token endpoint?"
        )
        return Finding("token", "bad", error.message, remedy, ExitCode.UNREACHABLE)
    return Finding("token", "ok", f"{where}: given")


def _broker(settings: WorkflowSettings, target: Address) -> Iterator[Finding]:
    try:
        topology = asyncio.run(_ask(settings, target))
    except GatewayError as error:
        code = exit_code_of(error)
        detail = f"{error.status}: {error.message}"
        yield Finding("broker", "bad", detail, _remedy(error, settings, target), code)
        return
    if isinstance(topology, Finding):
        yield topology
    else:
        yield from _judge(topology)


async def _ask(settings: WorkflowSettings, target: Address) -> Topology | Finding:
    # Through a proxy nothing can be said of the port itself; of certificates gRPC has the words.
    if not proxy_of(target) and (trouble := await probe(target.host, target.port)):
        remedy = trouble.remedy
        if "refused" in trouble.detail:
            remedy = f"start the broker (`docker compose up`) or `workflow dev`; {remedy}"
        return trouble._replace(remedy=remedy).of("broker")
    gateway = connect(settings)
    try:
        return await gateway.topology(deadline=_PATIENCE)
    finally:
        await gateway.close()


_UNREACHABLE = (
    "the port is open, and no gateway answers: is it starting, or overloaded? is a proxy or a mesh "
    "between? does the port speak gRPC (26500), not HTTP?"
)
_BY_WORDS = (
    ("CERTIFICATE_VERIFY_FAILED", "WORKFLOW_CA_FILE names the authority (PEM) of its certificate"),
    (
        "Hostname Verification",
        "the certificate is for another host: take a name that it has in the address",
    ),
    ("WRONG_VERSION_NUMBER", "the port speaks plain text: take http:// in the address"),
    ("Failed parsing HTTP/2", "the port speaks HTTP, not gRPC, whose port is mostly 26500"),
    (
        "HTTP proxy returned response code 407",
        "the proxy refuses: it needs its user and password in the variable, or no_proxy the host",
    ),
    (
        "HTTP proxy returned response code",
        "the proxy refuses, or cannot reach the gateway: put the gateway's host into no_proxy",
    ),
)
"""What is known by gRPC's own words, and what to do then."""
_CLOSED = "does the port speak TLS? then take https:// in the address; else "


def _remedy(error: GatewayError, settings: WorkflowSettings, target: Address) -> str:
    for words, remedy in _BY_WORDS:
        if words in error.message:
            return remedy
    code = exit_code_of(error)
    if code is ExitCode.REFUSED:
        return _refused(settings)
    # What a server of TLS does with plain text; one that is ending does so too.
    closed = "Socket closed" in error.message and not target.tls
    remedy = _UNREACHABLE if code is ExitCode.UNREACHABLE else ""
    return _CLOSED + remedy if closed else remedy


def _refused(settings: WorkflowSettings) -> str:
    if settings.client_id:
        return (
            "the token server gave a token, and the gateway refuses it: it is for another audience "
            f"(WORKFLOW_OAUTH_AUDIENCE is {settings.oauth_audience or 'not set'}) or of another "
            "issuer, or this client lacks the permission"
        )
    if settings.user:
        return (
            f"refused: user {settings.user} or the password that is set (WORKFLOW_USER, "
            "WORKFLOW_PASSWORD) is wrong or expired, lacks the permission, or the gateway wants "
            "tokens (WORKFLOW_CLIENT_ID) instead"
        )
    if settings.client_cert_file:
        return "the client certificate (WORKFLOW_CLIENT_CERT_FILE) is not of one it knows"
    return (
        "none are set: set WORKFLOW_USER and WORKFLOW_PASSWORD, or WORKFLOW_CLIENT_ID, "
        "WORKFLOW_CLIENT_SECRET and WORKFLOW_OAUTH_URL"
    )


def _judge(topology: Topology) -> Iterator[Finding]:
    gateway = topology.gateway_version
    yield Finding("broker", "ok", f"gateway {gateway}, {topology.cluster_size} broker(s)")
    parsed = Version.read(gateway)
    if parsed and parsed < versions.OLDEST:
        text = f"{gateway} is older than {versions.OLDEST}"
        yield Finding("version", "bad", text, "upgrade the cluster")
    if parsed and parsed >= versions.WITHOUT_GRPC:
        detail = f"{gateway} switches gRPC off by default"
        yield Finding("version", "note", detail, "switch gRPC on in the gateway")
    yield from _partitions(topology)


def _partitions(topology: Topology) -> Iterator[Finding]:
    # Zeebe tells of each partition whether it is healthy, unhealthy or dead.
    sick = [
        f"partition {number} on {broker.address}: {state}"
        for broker in topology.brokers
        for number, state in broker.partitions.items()
        if "unhealthy" in state.lower() or "dead" in state.lower()
    ]
    if sick:
        yield Finding("partitions", "bad", "; ".join(sick), "look into the broker's log")
    if not topology.brokers:
        yield Finding("partitions", "bad", "the gateway knows no broker", "wait, or look there")
