"""What must not reach a log line: passwords, tokens, values of scopes in other people's texts."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from workflow_runtime.config import WorkflowSettings

__all__ = ["TALKATIVE", "Redact", "redaction_of"]

Redact = Callable[[Any], Any]

TALKATIVE = ("aiosqlite", "apprise", "sqlalchemy.engine")
"""Libraries whose lines below WARNING hold what they are given: statements with the values of
scopes, the text of alerts."""

_SHORTEST = 4
_SHORTEST_TOKEN = 8
_HIDDEN = "***"
_PATTERNS = (
    # pydantic's errors show what did not fit, SQLAlchemy's the values of the statement.
    (re.compile(r"input_value=.*?, input_type=", re.DOTALL), f"input_value={_HIDDEN}, input_type="),
    (re.compile(r"\[parameters: .*?\](?=\n|$)", re.DOTALL), f"[parameters: {_HIDDEN}]"),
    (re.compile(r"\b(Bearer|Basic) [\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {_HIDDEN}"),
)


def redaction_of(settings: WorkflowSettings) -> Redact:
    """Blots out the settings' secrets, also within other texts, lists and mappings."""
    # The longest first: one may be a part of another.
    secrets = sorted(set(_secrets(settings)), key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, secrets))) if secrets else None

    def redact(value: Any) -> Any:
        if isinstance(value, str):
            return _without(value, known)
        if isinstance(value, Mapping):
            return {redact(name): redact(each) for name, each in value.items()}
        if isinstance(value, list | tuple | set):
            return [redact(each) for each in value]
        return value

    return redact


def _without(text: str, known: re.Pattern[str] | None) -> str:
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text if known is None else known.sub(_HIDDEN, text)


def _secrets(settings: WorkflowSettings) -> Iterator[str]:
    urls = tuple(url.get_secret_value() for url in settings.alert_urls)
    plain = [
        settings.password.get_secret_value(),
        settings.client_secret.get_secret_value(),
        settings.operate_password.get_secret_value(),
        settings.operate_token.get_secret_value(),
        *(part for url in urls for part in _parts(url)),
    ]
    for secret in plain:
        if len(secret) >= _SHORTEST:
            pair = f"{settings.user}:{secret}".encode()
            yield from (secret, quote(secret, safe=""), base64.b64encode(pair).decode())
    yield from filter(None, urls)


def _parts(url: str) -> Iterator[str]:
    """A password, and whatever looks like a token: channels log their addresses in pieces."""
    found = urlsplit(url)
    if found.password:
        yield unquote(found.password)
    host = found.netloc.rpartition("@")[2]
    pieces = [host, *found.path.split("/"), *(value for _, value in parse_qsl(found.query))]
    yield from (unquote(piece) for piece in pieces if _is_token(piece))


def _is_token(piece: str) -> bool:
    long = len(piece) >= _SHORTEST_TOKEN
    return long and "." not in piece and ":" not in piece and any(c.isdigit() for c in piece)
