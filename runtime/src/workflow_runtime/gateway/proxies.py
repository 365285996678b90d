"""Which proxy of the environment stands between us and a gateway.

gRPC's core reads names in small letters only, and takes proxies of plain HTTP only
(its ``http_proxy_mapper``). What stays on this machine goes through none, whatever is set, and
exceptions mean what they do for other programs: ``*``, ``*.example``, ``host:port`` and
``NO_PROXY`` too.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from workflow_runtime.gateway.address import Address
from workflow_runtime.urls import is_loopback, redacted

__all__ = ["is_excepted_address", "is_local", "proxy_of", "proxy_url"]

_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")
_EXCEPTIONS = ("no_grpc_proxy", "no_proxy", "NO_PROXY")
_HERE = frozenset(
    ("ip6-localhost", "ip6-loopback", "localhost4", "localhost6", "localhost.localdomain")
)
"""What systems call themselves in their files of hosts, besides ``localhost``."""


def proxy_of(address: Address, variables: Mapping[str, str] = os.environ) -> str:
    """Looks for the proxy that a connection goes through.

    Args:
        address: where the gateway is.
        variables: the environment.

    Returns:
        For people: the proxy without user and password, and the variable that names it; empty if
        there is none.
    """
    name, proxy = _found(address, variables)
    return f"{redacted(proxy)} ({name})" if proxy else ""


def proxy_url(address: Address, variables: Mapping[str, str] = os.environ) -> str:
    """Looks for the same proxy as `proxy_of`.

    Args:
        address: where the gateway is.
        variables: the environment.

    Returns:
        Its URL, with user and password if it has them; empty if there is none.
    """
    return _found(address, variables)[1]


def _found(address: Address, variables: Mapping[str, str]) -> tuple[str, str]:
    set_ = {name: text for name in _PROXIES if (text := variables.get(name, "").strip())}
    name, proxy = next(iter(set_.items()), ("", ""))
    # Of another kind gRPC says in its own log that it cannot be used, and connects without one.
    if not (proxy and _is_http(proxy)) or is_local(address.host):
        return "", ""
    return ("", "") if _is_excepted(address.host, address.port, variables) else (name, proxy)


def is_local(host: str) -> bool:
    """Judges whether a host is this machine.

    Args:
        host: a name or an address; a name is not looked up.
    """
    name = host.rstrip(".").lower()
    if is_loopback(host) or name in _HERE or name.endswith(".localhost"):
        return True
    try:
        # Connecting to 0.0.0.0 or :: is connecting to oneself.
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_http(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        return parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_excepted_address(host: str, port: int) -> bool:
    """Judges whether the environment names an IP address as one that is reached by no proxy.

    Args:
        host: False of names, which the standard library judges.
        port: where to.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return _is_excepted(host, port, os.environ)


def _is_excepted(host: str, port: int, variables: Mapping[str, str]) -> bool:
    text = next((each for name in _EXCEPTIONS if (each := variables.get(name, "").strip())), "")
    return any(_covers(each.strip(), host, port) for each in text.split(",") if each.strip())


def _covers(exception: str, host: str, port: int) -> bool:
    name = host.rstrip(".").lower()
    names = [name, f"[{name}]"]
    if ":" in exception:
        names.append(f"[{name}]:{port}" if ":" in name else f"{name}:{port}")
    ending = exception.removeprefix("*").lower()
    if any(each.endswith(ending.rstrip(".") or ending) for each in names):
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(exception, strict=False)
    except ValueError:
        return False
