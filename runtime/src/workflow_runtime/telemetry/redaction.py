"""What must not reach a log line: passwords, tokens, values of scopes in other people's texts."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from workflow_runtime.config import WorkflowSettings
from workflow_runtime.urls import redacted

__all__ = ["TALKATIVE", "Redact", "redaction_of"]

Redact = Callable[[str], str]

TALKATIVE = ("aiosqlite.", "apprise.", "sqlalchemy.engine.")
"""Loggers, with those below them, whose lines below WARNING hold what they are given: statements
with the values of scopes, the text of alerts."""

_SHORTEST = 4
"""Characters of a secret: blotting out shorter ones would hit ordinary words."""
_SHORTEST_TOKEN = 8
"""Characters of a piece of an address that counts as a token, if it has a digit."""
_HIDDEN = "***"
_SPANS = (
    # pydantic's errors and warnings show what did not fit, SQLAlchemy's errors the values of the
    # statement, PostgreSQL's those of the row.
    ("input_value=", ", input_type="),
    ("with value `", "`"),
    ("[parameters: ", "]\n"),
    ("DETAIL:  ", "\n"),
)
"""Where texts of libraries have values: behind the first, up to the second or the end."""
_PATTERNS = (
    ("bearer", re.compile(r"(?<!\w)(bearer) [\w.~+/=-]{8,}", re.IGNORECASE)),
    ("basic", re.compile(r"(?<!\w)(basic) [\w.~+/=-]{8,}", re.IGNORECASE)),
)


def redaction_of(settings: WorkflowSettings) -> Redact:
    """Gives a function that blots out what is secret in a text.

    Args:
        settings: whose passwords, tokens and alert URLs are secret.
    """
    # The longest first: one may be a part of another.
    secrets = sorted(set(_secrets(settings)), key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, _HIDDEN)
        text = redacted(text)
        # Most lines have none of it, and each line passes here.
        for begin, end in _SPANS:
            if begin in text:
                text = "".join(_without_values(text, begin, end))
        lowered = text.lower()
        for hint, pattern in _PATTERNS:
            if hint in lowered:
                text = pattern.sub(rf"\1 {_HIDDEN}", text)
        return text

    return redact


def _without_values(text: str, begin: str, end: str) -> Iterator[str]:
    # By find: each character is looked at once, where a pattern would begin anew at each `begin`.
    done = 0
    while (found := text.find(begin, done)) >= 0:
        found += len(begin)
        yield text[done:found] + _HIDDEN
        done = text.find(end, found)
        if done < 0:
            return
    yield text[done:]


def _secrets(settings: WorkflowSettings) -> Iterator[str]:
    alerts = tuple(url.get_secret_value() for url in settings.alert_urls)
    operate = (settings.operate_url, settings.operate_api_url)
    plain = [
        settings.password.get_secret_value(),
        settings.client_secret.get_secret_value(),
        settings.operate_password.get_secret_value(),
        settings.operate_token.get_secret_value(),
        *(part for url in alerts for part in _parts(url)),
        *(_password(url) for url in (settings.oauth_proxy, settings.oauth_url, *operate)),
    ]
    users = (settings.user, settings.operate_user, settings.client_id)
    for secret in plain:
        if len(secret) >= _SHORTEST:
            # As it is, as JSON and a URL write it, and as basic credentials carry it.
            yield from (secret, json.dumps(secret)[1:-1], quote(secret, safe=""))
            yield from (base64.b64encode(f"{user}:{secret}".encode()).decode() for user in users)
    yield from filter(None, alerts)


def _parts(url: str) -> Iterator[str]:
    """A password, and whatever looks like a token: channels log their addresses in pieces."""
    yield _password(url)
    try:
        found = urlsplit(url)
    except ValueError:
        return
    host = found.netloc.rpartition("@")[2]
    pieces = [host, *found.path.split("/"), *(value for _, value in parse_qsl(found.query))]
    yield from (unquote(piece) for piece in pieces if _is_token(piece))


def _password(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""  # no URL: it is refused where it is used


def _is_token(piece: str) -> bool:
    # Host names have dots, and ports stand behind a colon: both may be shown.
    long = len(piece) >= _SHORTEST_TOKEN
    return long and "." not in piece and ":" not in piece and any(c.isdigit() for c in piece)
