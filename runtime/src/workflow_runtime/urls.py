"""Addresses in texts: what may be secret in them, and which never leave this machine."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

__all__ = [
    "PLAIN_TEXT",
    "crosses_in_plain_text",
    "has_user",
    "is_loopback",
    "plain_text_problem",
    "redacted",
]

PLAIN_TEXT = (
    "would go over the line in plain text: use https://, or set allow_plaintext_credentials "
    "(WORKFLOW_ALLOW_PLAINTEXT_CREDENTIALS=true)"
)
"""What to say of credentials for an address of which `crosses_in_plain_text` is true."""

_HIDDEN = "***"
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x1f]")
# What follows :// up to something that no URL holds. A password that was written as it is may hold
# it: then no port stands behind the first colon, and an @ follows in this line; or it goes on with
# a word. A database URL may have a + in its scheme.
_NO_URL = r"\s\"'<>`"
_USER = rf"[^{_NO_URL}:@/?#\[]{{0,200}}:(?!\d*(?:[{_NO_URL},;.)\]}}|\\/?#]|$))(?:(?!://)[^\n@]){{1,200}}@"
_URL = re.compile(
    rf"([A-Za-z][A-Za-z0-9+.-]{{0,40}})://((?:{_USER})?(?:[^{_NO_URL}]|[\"'<>`](?=\w))+)"
)
# Whose paths have no @: one behind the host is that of a password with a slash in it.
_DATABASES = re.compile(
    r"(amqps?|cockroachdb|mariadb|mongodb|mssql|mysql|oracle|postgres(ql)?|rediss?)(\+.*)?",
    re.IGNORECASE,
)
# Of any other scheme everything may be a token: those of Apprise have it as host and path.
_PLACES = re.compile(
    r"(amqps?|cockroachdb|embedded|file|ftps?|grpcs?|https?|mariadb|mongodb|mssql|mysql|oracle"
    r"|postgres(ql)?|rediss?|sftp|socks[45]h?|sqlite|wss?)(\+.*)?",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"pass|pwd|token|secret|key|sig|auth|cred|jwt|session|sas|code|cert|assertion|bearer|saml",
    re.IGNORECASE,
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
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # Python 3.13 looks into ::ffff:127.0.0.1 by itself.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def crosses_in_plain_text(url: str) -> bool:
    """Whether what is sent to a URL can be read on its way.

    Args:
        url: of a server, or of a proxy.

    Returns:
        False of TLS and of hosts that are this machine; true of what cannot be read, and of
        whatever one reader takes for another host than the next.
    """
    if _AMBIGUOUS.search(url):
        return True
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return True
    return parts.scheme not in {"https", "wss", "grpcs"} and not is_loopback(host)


def plain_text_problem(url: str, *, secret: bool, proxy: str = "") -> str:
    """Says what is wrong with sending credentials to a URL.

    Args:
        url: where to.
        secret: there are credentials, besides a user and a password that the URL may have.
        proxy: one that was given for this URL; on this machine it is a neighbour that makes TLS of
            what it gets.

    Returns:
        The problem and its remedy, without what is secret; empty if there is none.
    """
    if not (secret or has_user(url)) or not crosses_in_plain_text(url):
        return ""
    if proxy and not crosses_in_plain_text(proxy):
        return ""
    return f"{redacted(url)}: credentials {PLAIN_TEXT}"


def has_user(url: str) -> bool:
    """Whether a URL has a user, a password or both in it.

    Args:
        url: as it was given.
    """
    return "@" in re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


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
    place, mark, query = _cut(_without_user(rest, paths_have_it=not _DATABASES.fullmatch(scheme)))
    pieces = map(_piece, place.split("/"))
    return f"{scheme}://{'/'.join(pieces)}{mark}{''.join(_pairs(query))}"


def _piece(text: str) -> str:
    """A piece of a path, which may have parameters of its own."""
    return _HIDDEN if _RANDOM.fullmatch(unquote(text)) else ";".join(map(_pair, text.split(";")))


def _without_user(rest: str, *, paths_have_it: bool) -> str:
    """What follows :// from the host on; an @ may also be one of the path."""
    if "@" not in rest:
        return rest
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    # Behind an IPv6 address, which has colons itself.
    _, colon, port = authority.rpartition("]")[2].partition(":")
    # Before the first value of a query, which may be a mail address.
    head = re.split(r"[?&#][^=@?&#]*=", rest, maxsplit=1)[0]
    before = authority if paths_have_it else head
    if "@" in before or (colon and not port.isdigit()):
        # The last @: passwords are written with @, / and ? in them, though no rule allows it.
        end = (head if "@" in head else rest).rindex("@")
        return f"{_HIDDEN}@{rest[end + 1 :]}"
    return rest


def _cut(rest: str) -> tuple[str, str, str]:
    found = re.search(r"[?#]", rest)
    if found is None:
        return rest, "", ""
    return rest[: found.start()], found[0], rest[found.end() :]


def _pairs(query: str) -> Iterator[str]:
    hidden, marks = False, ""
    for each in re.split(r"([?&;#])", query):
        if each in {"?", "&", ";", "#"}:
            marks = each
        elif hidden and marks in {"?", "#"} and "=" not in each:
            pass  # the rest of a secret that has such a character in it
        else:
            pair = _pair(each)
            hidden = pair.endswith(f"={_HIDDEN}")
            yield marks + pair


def _pair(text: str) -> str:
    name, equals, value = text.partition("=")
    if not (equals and value):
        return text
    if _TELLING.search(unquote(name)):
        return f"{name}={_HIDDEN}"
    # An address within an address, as of a page to return to; or settings, as ODBC takes them.
    inner = unquote(value)
    if "://" not in unquote(inner):
        names = (each.rpartition("=")[0] for each in re.split(r"[&;]", inner))
        return f"{name}={_HIDDEN}" if any(map(_TELLING.search, names)) else text
    # Encoded once more: nobody looks deeper, and there would be no end to it.
    return f"{name}={_HIDDEN if '%' in inner else redacted(inner)}"
