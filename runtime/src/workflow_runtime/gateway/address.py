"""Where the gateway is: the text that users write, and what adapters need of it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from workflow_runtime.environment_text import is_quoted
from workflow_runtime.errors import AddressError
from workflow_runtime.urls import is_loopback, redacted

__all__ = ["Address", "parse_address"]

_REMEDY = "expected embedded://, http://host[:26500], https://host[:443] or host:port"
_TLS = {"http": False, "grpc": False, "https": True, "grpcs": True}
# Zeebe's own port, and that of an ingress with TLS in front of it.
_PORTS = {False: 26500, True: 443}
# Digits alone are a port that has lost its host.
_HOST = re.compile(r"(?!\d+$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?")
_EMBEDDED = re.compile(r"embedded(:/{0,3})?", re.IGNORECASE)
# What gRPC's own targets begin with (its naming.md); those of dns:// have a name server first.
_OF_GRPC = re.compile(r"(dns:(///)?|ipv[46]:)(?!/)")


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address.

    Attributes:
        scheme: embedded, http or https.
        host: a name, or an IP address without brackets.
        port: of the gateway.
        tls: whether the connection is encrypted.
    """

    scheme: str
    host: str = ""
    port: int = 0
    tls: bool = False

    @property
    def embedded(self) -> bool:
        """Whether the engine lives in this process."""
        return self.scheme == "embedded"

    @property
    def target(self) -> str:
        """``host:port`` as gRPC takes it: an IPv6 address stands in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the connection never leaves this machine."""
        return self.embedded or is_loopback(self.host)

    def __str__(self) -> str:
        return "embedded://" if self.embedded else f"{self.scheme}://{self.target}"


def parse_address(text: str, *, plaintext: bool | None = None) -> Address:
    """Reads an address as users write it.

    Args:
        text: with a scheme, or without one, as ``ZEEBE_ADDRESS`` mostly is: ``host:26500``; so are
            targets of gRPC, such as ``dns:///host:26500``.
        plaintext: whether one without a scheme is in plain text or with TLS; None is TLS at port
            443, and plain text at any other.

    Returns:
        The address, with the port that its scheme has where none was written.

    Raises:
        AddressError: it cannot be read; the message says what was expected.
    """
    text = text.strip()
    if _EMBEDDED.fullmatch(text):
        return Address("embedded")
    parts = _split(_without_target(text))
    host, port = _host_and_port(parts, text)
    if parts.scheme:
        tls = _TLS[parts.scheme]
    else:
        tls = port == _PORTS[True] if plaintext is None else not plaintext
    return Address("https" if tls else "http", host, port or _PORTS[tls], tls)


def _without_target(text: str) -> str:
    text = _OF_GRPC.sub("", text, count=1) if _OF_GRPC.match(text) else text
    return f"[{text}]" if ":" in text and _is_ip(text) else text


def _split(text: str) -> SplitResult:
    if is_quoted(text):
        raise AddressError(f"address {_shown(text)}: leave the quotes out; {_REMEDY}")
    if "," in text:
        raise AddressError(f"address {_shown(text)}: it is more than one; {_REMEDY}")
    try:
        # Without // urlsplit takes a host for a scheme and its port for a path.
        parts = urlsplit(text if "://" in text else f"//{text}")
    except ValueError:
        # Not what urllib says: it repeats the part that may hold a password.
        raise AddressError(f"address {_shown(text)}: it cannot be read; {_REMEDY}") from None
    if parts.scheme and parts.scheme not in _TLS:
        raise AddressError(f"address {_shown(text)}: unknown scheme {parts.scheme!r}; {_REMEDY}")
    if parts.username is not None or parts.password is not None:
        # The text is not repeated: they are in it.
        raise AddressError(
            "address: credentials do not belong into it; give user and password separately"
        )
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise AddressError(
            f"address {_shown(text)}: nothing may follow the port (one of REST has a path, and is "
            f"another one); {_REMEDY}"
        )
    return parts


def _host_and_port(parts: SplitResult, text: str) -> tuple[str, int]:
    try:
        port = parts.port
    except ValueError:
        raise AddressError(f"address {_shown(text)}: bad port; {_REMEDY}") from None
    host = parts.hostname or ""
    # urlsplit gives None for a port that is not written: 0 was written.
    if port == 0 or not (_HOST.fullmatch(host) or _is_ip(host)):
        raise AddressError(f"address {_shown(text)}: no usable host or port; {_REMEDY}")
    return host, port or 0


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    # A password may stand before the @, a token behind a ?: they must not reach a log.
    shown = redacted(text if "://" in text else f"http://{text}")
    return repr((shown if "://" in text else shown.removeprefix("http://"))[:200])
