"""Addresses in texts: what may be secret in them, and which never leave this machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote

__all__ = ["is_loopback", "redacted"]

_HIDDEN = "***"
# What follows :// up to something that no URL holds; a database URL may have a + in its scheme.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,40})://([^\s\"'<>`]+)")
# Of any other scheme everything may be a token: those of Apprise have it as host and path.
_PLACES = re.compile(
    r"(amqps?|cockroachdb|embedded|file|ftps?|grpcs?|https?|mariadb|mongodb|mssql|mysql|oracle"
    r"|postgres(ql)?|rediss?|sftp|socks[45]h?|sqlite|wss?)(\+.*)?",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"pass|pwd|token|secret|key|sig|auth|cred|jwt|session|sas|code|cert", re.IGNORECASE
)
# A piece of a path that nobody would choose: webhooks have their token there. Numbers of the
# engine have 16 to 19 digits, and no letters.
_RANDOM = re.compile(
    r"(?=[\w~-]*[a-z])(?=[\w~-]*[A-Z])(?=[\w~-]*\d)[\w~-]{16,}|[0-9a-f]{24,}|[0-9A-F]{24,}"
)


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host never leaves this machine.

    Args:
        host: a name, or an IP address without brackets.

    Returns:
        True of ``localhost`` and of loopback addresses; no name is looked up.
    """
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def redacted(text: str) -> str:
    """Gives a text without what may be secret in its URLs.

    Args:
        text: a URL, or any text that has URLs in it.

    Returns:
        The text with ``***`` for user and password, for values of telling names in queries and
        fragments, for pieces of a path that look random, and for all that follows a scheme that
        is no usual one, as those of alert channels are.
    """
    # Most texts have none, and each line of a log passes here.
    return _URL.sub(_shown, text) if "://" in text else text


def _shown(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    if not _PLACES.fullmatch(scheme):
        return f"{scheme}://{_HIDDEN}"
    place, mark, query = _cut(_without_user(rest))
    pieces = (_HIDDEN if _RANDOM.fullmatch(unquote(piece)) else piece for piece in place.split("/"))
    pairs = (_pair(each) for each in re.split(r"([?&;#])", query))
    return f"{scheme}://{'/'.join(pieces)}{mark}{''.join(pairs)}"


def _without_user(rest: str) -> str:
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    # Behind an IPv6 address, which has colons itself.
    port = authority.rpartition("]")[2].partition(":")[2]
    if "@" in authority or (port and not port.isdigit() and "@" in rest):
        # The last @ before a query: passwords are written with @, / and ? in them, though no rule
        # allows it.
        head = re.split(r"[?&#][^=@]*=", rest, maxsplit=1)[0]
        end = (head if "@" in head else rest).rindex("@")
        return f"{_HIDDEN}@{rest[end + 1 :]}"
    return rest


def _cut(rest: str) -> tuple[str, str, str]:
    found = re.search(r"[?#]", rest)
    if found is None:
        return rest, "", ""
    return rest[: found.start()], found[0], rest[found.end() :]


def _pair(text: str) -> str:
    name, equals, value = text.partition("=")
    if not (equals and value):
        return text
    if _TELLING.search(unquote(name)):
        return f"{name}={_HIDDEN}"
    # An address within an address, as of a page to return to.
    inner = unquote(value)
    if "://" not in inner:
        return text
    # Encoded once more: nobody looks deeper, and there would be no end to it.
    return f"{name}={_HIDDEN if '%' in inner else redacted(inner)}"
