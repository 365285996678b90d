"""What ``workflow doctor`` looks at, one function each."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from workflow_runtime import versions
from workflow_runtime.cli._variables import PREFIXES
from workflow_runtime.cli.connection import read_settings
from workflow_runtime.cli.exits import CommandError, ExitCode, exit_code_of
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.extras import EXTRAS, how_to_install
from workflow_runtime.gateway.cluster import with_cluster
from workflow_runtime.gateway.connect import NO_ADDRESS, check_connection, connect
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.gateway.introduction import credentials_in_words
from workflow_runtime.gateway.proxies import proxy_of
from workflow_runtime.urls import redacted
from workflow_runtime.versions import Version

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.gateway.address import Address
    from workflow_runtime.gateway.values import Topology

_PATIENCE = timedelta(seconds=5)
_PACKAGES = ("zeebe-workflow-runtime", "pyzeebe", "grpcio", "protobuf", "pydantic")


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    subject: str
    state: Literal["ok", "note", "bad"]
    detail: str
    remedy: str = ""
    code: ExitCode = ExitCode.FAILED


def examine(address: str | None) -> list[Finding]:
    """What was found about this machine, its environment and the broker at an address."""
    # From near to far: what is wrong first may be the reason for what is wrong later.
    looks: Iterable[Callable[[], Iterator[Finding]]] = (
        _python,
        _packages,
        _extras,
        _environment,
        lambda: _connection(address),
    )
    return [
        # Whatever is found may have a URL with a password in it.
        replace(finding, detail=redacted(finding.detail))
        for look in looks
        for finding in look()
    ]


def _python() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _packages() -> Iterator[Finding]:
    yield Finding("packages", "ok", ", ".join(f"{name} {version(name)}" for name in _PACKAGES))


def _extras() -> Iterator[Finding]:
    present = [extra for extra, module in EXTRAS.items() if find_spec(module)]
    absent = [extra for extra in EXTRAS if extra not in present]
    yield Finding("extras", "ok", f"present: {', '.join(present) or 'none'}")
    if absent:
        example = f"{how_to_install(absent[0])} if you need it"
        yield Finding("extras", "note", f"absent: {', '.join(absent)}", example)


def _environment() -> Iterator[Finding]:
    # Names only: passwords and secrets are among the values.
    names = sorted(name for name in os.environ if name.startswith(PREFIXES))
    yield Finding("environment", "ok", f"set: {', '.join(names) or 'nothing'} (values not shown)")


def _connection(address: str | None) -> Iterator[Finding]:
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
    yield from _proxies(settings, target)
    yield from _broker(settings, target)


def _proxies(settings: WorkflowSettings, target: Address) -> Iterator[Finding]:
    tokens = ""
    if settings.client_id:
        from workflow_runtime.gateway.http import proxy_for  # noqa: PLC0415 - aiohttp: 0.2 s

        tokens = proxy_for(settings.oauth_url, settings.oauth_proxy) or ""
    found = {
        "the connection": (proxy_of(target), target.host),
        "token requests": (redacted(tokens), redacted(settings.oauth_url)),
    }
    for what, (proxy, host) in found.items():
        if proxy:
            remedy = f"if that is not wanted, put the host of {host} into no_proxy"
            yield Finding("proxy", "note", f"{what} through {proxy}", remedy)


def _broker(settings: WorkflowSettings, target: Address) -> Iterator[Finding]:
    try:
        topology = asyncio.run(_ask(settings))
    except GatewayError as error:
        code = exit_code_of(error)
        detail = f"{error.status}: {error.message}"
        yield Finding("broker", "bad", detail, _remedy(error, target), code)
        return
    yield from _judge(topology)


async def _ask(settings: WorkflowSettings) -> Topology:
    gateway = connect(settings)
    try:
        return await gateway.topology(deadline=_PATIENCE)
    finally:
        await gateway.close()


_REMEDIES = {
    ExitCode.UNREACHABLE: "start the broker (`docker compose up`) or `workflow dev`; is a firewall "
    "or a proxy between? does the port speak gRPC (26500), not HTTP?",
    ExitCode.REFUSED: "set WORKFLOW_USER and WORKFLOW_PASSWORD, or WORKFLOW_CLIENT_ID, "
    "WORKFLOW_CLIENT_SECRET and WORKFLOW_OAUTH_URL",
}


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


def _remedy(error: GatewayError, target: Address) -> str:
    for words, remedy in _BY_WORDS:
        if words in error.message:
            return remedy
    remedy = _REMEDIES.get(exit_code_of(error), "")
    # What a server of TLS does with plain text; one that is ending does so too.
    closed = "Socket closed" in error.message and not target.tls
    return _CLOSED + remedy if closed else remedy


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
