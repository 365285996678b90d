"""Makes the gateway that the settings describe, and refuses settings that cannot work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workflow_runtime import plugins
from workflow_runtime.errors import AddressError
from workflow_runtime.gateway.address import Address, parse_address
from workflow_runtime.gateway.cluster import cluster_problems, variable_in_words, with_cluster
from workflow_runtime.urls import PLAIN_TEXT

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings
    from workflow_runtime.gateway.port import Gateway

__all__ = ["NO_ADDRESS", "check_connection", "connect", "nothing_connects"]

NO_ADDRESS: Final = (
    "no address: set ZEEBE_ADDRESS to the gateway, such as http://127.0.0.1:26500 or "
    "https://zeebe.example.com, or CAMUNDA_CLUSTER_ID and CAMUNDA_CLUSTER_REGION; embedded:// is "
    "an engine in memory, for development and tests"
)
NO_DEVKIT: Final = f"embedded:// is part of the devkit: {plugins.GET_DEVKIT}"


_offline = 0
"""How many `nothing_connects` there are around."""


def connect(settings: WorkflowSettings) -> Gateway:
    """Makes the gateway of a service; nothing is sent before the first command.

    Without an address an engine in memory takes its place where the devkit is installed and
    ``require_address`` is off.

    Args:
        settings: where the gateway is and who we are.

    Returns:
        The gateway, to be closed by the caller.

    Raises:
        AddressError: the address is missing or cannot be used, or the credentials cannot.
        WrongPlace: this process is a fork of one that has connected to a gateway.
    """
    address = _checked(settings)
    if address is None or address.embedded:
        return _embedded(settings)
    # grpc takes about a tenth of a second of CPU to import (benchmarks/footprint.py); a service on
    # the embedded engine does not need it.
    from workflow_runtime.gateway.channel import check_process  # noqa: PLC0415
    from workflow_runtime.gateway.grpc_credentials import credentials_for  # noqa: PLC0415
    from workflow_runtime.gateway.zeebe import ZeebeGateway  # noqa: PLC0415

    check_process()
    return ZeebeGateway(
        address,
        credentials_for(with_cluster(settings)),
        request_timeout=settings.request_timeout,
    )


def _embedded(settings: WorkflowSettings) -> Gateway:
    found = plugins.find(plugins.GATEWAYS, "embedded")
    if not settings.address.strip() and (settings.require_address or found is None):
        raise AddressError(NO_ADDRESS)
    if found is None:
        raise AddressError(NO_DEVKIT)
    gateway: Gateway = plugins.load(found)()
    return gateway


@contextmanager
def nothing_connects() -> Iterator[None]:
    """Builders that are made within are not asked for credentials that could work.

    For what only looks at a service, and for tests on the embedded engine: the environment of a
    developer may be about another program. `connect` still refuses what cannot work.
    """
    global _offline  # noqa: PLW0603 - builders are made in any thread or task of the program
    _offline += 1
    try:
        yield
    finally:
        _offline -= 1


def check_connection(settings: WorkflowSettings) -> Address | None:
    """Parses the address and looks for credentials that cannot work; sends nothing.

    What only a gateway elsewhere needs is not looked at for the embedded engine.

    Args:
        settings: where the gateway is and who we are.

    Returns:
        The address, None where none is set.

    Raises:
        AddressError: names every problem that was found.
    """
    if not _offline:
        return _checked(settings)
    return _address(settings)


def _checked(settings: WorkflowSettings) -> Address | None:
    if not settings.address.strip():
        _refuse("Camunda SaaS", cluster_problems(settings))
    settings = with_cluster(settings)
    address = _address(settings)
    if address is not None:
        _refuse(str(address), _problems(settings, address))
    return address


def _refuse(where: str, problems: Iterator[str]) -> None:
    if text := "; ".join(problems):
        raise AddressError(f"connection to {where}: {text}")


def _problems(settings: WorkflowSettings, address: Address) -> Iterator[str]:
    if not address.embedded:
        yield from _contradictions(settings)
        yield from _unreadable(settings)
        yield from _unsafe(settings, address)
    elif plugins.find(plugins.GATEWAYS, "embedded") is None:
        yield NO_DEVKIT


def _address(settings: WorkflowSettings) -> Address | None:
    text = settings.address.strip()
    return parse_address(text, plaintext=settings.plaintext) if text else None


def _contradictions(settings: WorkflowSettings) -> Iterator[str]:
    named = partial(_named, settings)
    if settings.user and settings.client_id:
        both = f"{named('user')} and {named('client_id')}"
        yield f"{both} are both set: choose basic or OAuth credentials"
    if bool(settings.user) != bool(settings.password.get_secret_value()):
        yield f"{named('user')} and {named('password')} must be given together"
    if bool(settings.client_id) != bool(settings.client_secret.get_secret_value()):
        yield f"{named('client_id')} and {named('client_secret')} must be given together"
    if settings.client_id and not settings.oauth_url:
        yield f"{named('client_id')} needs oauth_url, where tokens are fetched"
    if (settings.client_cert_file is None) != (settings.client_key_file is None):
        yield "client_cert_file and client_key_file must be given together"


def _named(settings: WorkflowSettings, name: str) -> str:
    # A shell has variables that nobody thinks of: which one it is has to be said.
    return name + variable_in_words(settings, name)


def _unreadable(settings: WorkflowSettings) -> Iterator[str]:
    files: dict[str, tuple[Path | None, str]] = {
        "ca_file": (settings.ca_file, "CERTIFICATE"),
        "client_cert_file": (settings.client_cert_file, "CERTIFICATE"),
        "client_key_file": (settings.client_key_file, "PRIVATE KEY"),
    }
    for name, (path, what) in files.items():
        if path is None:
            continue
        try:
            found = path.read_bytes() if path.is_file() else None
        except OSError:
            found = None
        if found is None:
            yield f"{name}: {path} is no file; it names a PEM file that this process can read"
        elif f"{what}-----".encode() not in found:
            # gRPC says only that it failed, and tries for ever.
            yield f"{name}: {path} has no {what} in it; a PEM file has one as text"


def _unsafe(settings: WorkflowSettings, address: Address) -> Iterator[str]:
    if settings.client_cert_file is not None and not address.tls:
        yield "a client certificate needs TLS: use https://"
    plaintext = settings.allow_plaintext_credentials
    exposed = not (plaintext or address.tls or address.loopback)
    if exposed and (settings.user or settings.client_id):
        yield f"credentials {PLAIN_TEXT}"
    if settings.client_id and settings.oauth_url:
        from workflow_runtime.gateway.http import problems  # noqa: PLC0415 - aiohttp: 0.2 s

        yield from problems(
            settings.oauth_url, settings.oauth_proxy, secret=True, plaintext=plaintext
        )
