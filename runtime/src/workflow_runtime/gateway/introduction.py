"""The first line of a service's log: what it is connected to, and who it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from loguru import logger

from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.cluster import address_of_cluster, with_cluster
from workflow_runtime.gateway.proxies import proxy_of
from workflow_runtime.urls import redacted

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.gateway.address import Address
    from workflow_runtime.gateway.port import Gateway

__all__ = ["credentials_in_words", "introduce"]


_IN_MEMORY = "processes run on an engine in memory, and nothing of them survives a restart"
_NO_ADDRESS = "no address is set (ZEEBE_ADDRESS)"
_WANTED = "embedded:// as the address says that this is wanted"


def introduce(settings: WorkflowSettings, given: Gateway | None) -> str:
    """Logs what a service is about to connect to; nothing of it is secret.

    Args:
        settings: of the service, which have been checked.
        given: the gateway that replaces that of the address.

    Returns:
        The address to which there is a line; empty without one.
    """
    level, text, where = _line(settings, given)
    # A sink that raises must not keep a service from its work.
    with suppress(Exception):
        logger.log(level, "{} ({}): {}", settings.service_name, _runtime(), text)
    return where


def _line(settings: WorkflowSettings, given: Gateway | None) -> tuple[str, str, str]:
    """Its level, its text, and the address to which there is a line."""
    if given is not None:
        return "INFO", f"works with a gateway that was given: {type(given).__name__}", ""
    settings = with_cluster(settings)
    text = settings.address.strip()
    if not text:
        return "WARNING", f"{_NO_ADDRESS}: {_IN_MEMORY}; {_WANTED}", ""
    address = parse_address(text, plaintext=settings.plaintext)
    if address.embedded:
        return "INFO", f"the address is embedded://: {_IN_MEMORY}", ""
    return "INFO", f"works with the gateway {''.join(_there(settings, address))}", str(address)


def _runtime() -> str:
    try:
        return f"zeebe-workflow-runtime {version('zeebe-workflow-runtime')}"
    except PackageNotFoundError:
        # Copied into a program, as zipapps and PyInstaller do, it has no metadata.
        return "zeebe-workflow-runtime"


def _there(settings: WorkflowSettings, address: Address) -> Iterator[str]:
    yield f"{address} {'with TLS' if address.tls else 'in plain text'}"
    yield f", credentials: {credentials_in_words(settings)}"
    if proxy := proxy_of(address):
        yield f", through the proxy {proxy}; no_proxy={address.host} would go around it"
    cluster = address_of_cluster(settings)
    if cluster and str(address) != cluster:
        yield "; cluster_id and cluster_region are set as well, and the address goes before them"


def credentials_in_words(settings: WorkflowSettings) -> str:
    """Says who a service is at its gateway.

    Args:
        settings: of the service, with what its cluster says.

    Returns:
        The kind of its credentials and its name there; nothing that is secret.
    """
    if settings.client_id:
        return f"OAuth client {settings.client_id}, tokens from {redacted(settings.oauth_url)}"
    if settings.user:
        return f"basic, user {settings.user}"
    return "a client certificate" if settings.client_cert_file else "none"
