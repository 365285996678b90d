"""Variables as they arrive over the wire, with Zeebe's answers to what is no JSON object.

See semantics#variables-document.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from workflow_runtime.gateway.encoding import MAX_LEVELS, unfit
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Scope
from workflow_runtime.gateway.wire import variables_text

__all__ = ["as_received", "check_texts", "parse_document"]

_WORD = re.compile(r"\w+")
_LARGEST = 2**64 - 1
_DIGITS = 25
"""Characters of a number that has 64 bits, and some."""
_SHOWN = 2_000
"""Characters of a wrong text that its refusal shows."""
_KINDS: dict[type, str] = {
    list: "ARRAY",
    str: "STRING",
    int: "INTEGER",
    float: "FLOAT",
    bool: "BOOLEAN",
}


def as_received(scope: Scope, command: str) -> dict[str, Any]:
    """The variables that an engine has of a scope which a client has sent.

    A copy, by way of the text that goes over the line: decimals have become texts, sets lists.

    Raises:
        InvalidArgument: it is no JSON object, or one that a broker does not take.
        MessageTooLarge: it is above Zeebe's limit.
    """
    # Most commands bring nothing.
    value: dict[str, Any] = _decode(variables_text(scope, command)) if scope else {}
    return value


def parse_document(text: str) -> dict[str, Any]:
    """The variables; a blank text and ``null`` are none.

    Raises:
        InvalidArgument: it is no JSON, or no object.
    """
    # Most commands bring nothing: this needs no parser.
    if text == "{}" or not text.strip():
        return {}
    try:
        value = _decode(text)
    # Brackets nested deeper than Python's own parser goes.
    except RecursionError:
        raise InvalidArgument(f"variables are nested deeper than {MAX_LEVELS} levels") from None
    except ValueError as error:
        raise InvalidArgument(
            # The words of the broker's parser, Jackson, its hint for developers included.
            f"Invalid JSON value: {_shown(text)}\n at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
            f"line: {getattr(error, 'lineno', 1)}, column: {_column(text, error)}]"
        ) from None
    if reason := unfit(text):
        raise InvalidArgument(f"variables: {reason}")
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidArgument(
            "Property 'variables' is invalid: Expected document to be a root level object, "
            f"but was '{_KINDS.get(type(value), 'UNKNOWN')}'"
        )
    return value


def check_texts(command: str, *texts: str | None) -> None:
    """Refuses texts that the protocol could not carry, so that both adapters refuse them.

    Raises:
        InvalidArgument: one has half of a surrogate pair.
    """
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError as error:
        raise InvalidArgument(f"{command}: the protocol cannot carry it: {error}") from None


def _column(text: str, error: Exception) -> int:
    """Where the broker's parser gives up: behind a word that is no value."""
    if not isinstance(error, json.JSONDecodeError):
        return len(text) + 1
    word = _WORD.match(text, error.pos) if error.msg == "Expecting value" else None
    return error.colno + (len(word[0]) if word else 0)


def _integer(text: str) -> int:
    # The broker keeps variables as MessagePack, whose integers have 64 bits.
    # Not all digits are read: Python refuses more than 4,300 of them.
    number = int(text[:_DIGITS])
    if len(text) > _DIGITS or not -(2**63) <= number <= _LARGEST:
        raise InvalidArgument("MessagePack cannot serialize BigInteger larger than 2^64-1")
    return number


def _double(text: str) -> float:
    number = float(text)
    # See docs/reference/engine-differences.md.
    if math.isinf(number):
        raise InvalidArgument(f"the number {text[:40]} is too large for a double")
    return number


def _shown(text: str) -> str:
    # A status travels in trailers, and gRPC takes no more than 8 KB of those.
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _no_constant(text: str) -> NoReturn:
    # NaN and Infinity, which Python takes for JSON.
    raise ValueError(text)


_decode = json.JSONDecoder(
    parse_int=_integer, parse_float=_double, parse_constant=_no_constant
).decode
