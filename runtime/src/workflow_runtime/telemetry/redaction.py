"""What must not reach a log line: passwords, tokens, values of scopes in other people's texts."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from workflow_runtime.config import WorkflowSettings

__all__ = ["TALKATIVE", "Redact", "redaction_of"]

Redact = Callable[[Any], Any]

TALKATIVE = ("aiosqlite", "apprise", "sqlalchemy.engine")
"""Libraries whose lines below WARNING hold what they are given: statements with the values of
scopes, the text of alerts."""

_SHORTEST = 4
"""Characters of a secret: blotting out shorter ones would hit ordinary words."""
_SHORTEST_TOKEN = 8
"""Characters of a piece of an address that counts as a token, if it has a digit."""
_HIDDEN = "***"
_PATTERNS = (
    # pydantic's errors show what did not fit, SQLAlchemy's the values of the statement.
    ("input_value=", r"input_value=.*?, input_type=", f"input_value={_HIDDEN}, input_type="),
    ("[parameters: ", r"\[parameters: .*?\](?=\n|$)", f"[parameters: {_HIDDEN}]"),
    ("bearer ", r"(bearer) [\w.~+/=-]{8,}", rf"\1 {_HIDDEN}"),
    ("basic ", r"(basic) [\w.~+/=-]{8,}", rf"\1 {_HIDDEN}"),
)
_COMPILED = tuple(
    (hint, re.compile(pattern, re.DOTALL | re.IGNORECASE), instead)
    for hint, pattern, instead in _PATTERNS
)


def redaction_of(settings: WorkflowSettings) -> Redact:
    """Gives a function that blots out secrets, also within other texts, lists and mappings.

    Args:
        settings: whose passwords, tokens and alert URLs are secret.
    """
    # The longest first: one may be a part of another.
    secrets = sorted(set(_secrets(settings)), key=len, reverse=True)

    def redact(value: Any) -> Any:
        if isinstance(value, str):
            return _without(value, secrets)
        if isinstance(value, Mapping):
            return {redact(name): redact(each) for name, each in value.items()}
        if isinstance(value, list | tuple | set):
            return [redact(each) for each in value]
        return value

    return redact


def _without(text: str, secrets: Sequence[str]) -> str:
    lowered = text.lower()
    for hint, pattern, instead in _COMPILED:
        # Most lines have none of it, and each line passes here.
        if hint in lowered:
            text = pattern.sub(instead, text)
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    return text


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
            # As it is, as a URL writes it, and as basic credentials carry it.
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
    # Host names have dots, and ports stand behind a colon: both may be shown.
    long = len(piece) >= _SHORTEST_TOKEN
    return long and "." not in piece and ":" not in piece and any(c.isdigit() for c in piece)
