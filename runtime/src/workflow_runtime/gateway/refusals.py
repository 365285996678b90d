"""What a call that failed means, with what only its sender knows: how large it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from workflow_runtime.gateway.errors import (
    BrokenOff,
    GatewayError,
    MessageTooLarge,
    Unauthenticated,
    error_for,
)
from workflow_runtime.gateway.execution import DETAILS, never_left, never_taken
from workflow_runtime.gateway.words import is_about_metadata, is_reset, is_too_large

__all__ = ["refusal"]

_FETCHES = frozenset({"ActivateJobs", "StreamActivatedJobs"})
_TEXTS = re.compile(rb"[\x20-\x7e]{8,}")
_LARGE = 64 * 1024
"""Bytes from which a command that is broken off may have been too large: no gateway's limit is
lower (Zeebe's is 4 MB)."""
_LARGE_HEADERS = 6 * 1024
"""Bytes of our own headers from which a complaint is about these: many servers take 8 KB."""


def refusal(error: Any, request: Any, metadata: Iterable[tuple[str, Any]]) -> GatewayError:
    """Makes an error of what gRPC raised.

    Args:
        error: gRPC's exception.
        request: the protocol's message; it is named as its RPC: ``CompleteJobRequest``.
        metadata: what was sent beside it.

    Returns:
        The error to raise; one about a size names it.
    """
    status, text = error.code().name, error.details() or ""
    command, size = type(request).__name__.removesuffix("Request"), request.ByteSize()
    answer = error_for(status, text)
    if not isinstance(answer, MessageTooLarge):
        text = next(filter(is_too_large, _further_texts(error)), "")
        answer = error_for(status, text) if text else answer
    if isinstance(answer, MessageTooLarge):
        return _too_large(answer, command, size, metadata)
    if status == "CANCELLED" and size >= _LARGE and is_reset(answer.message):
        # gRPC in Java, before it learned to say why (camunda/camunda#12108).
        return BrokenOff(
            f"{command}: broken off by the other side ({answer.message}); perhaps its {size} bytes "
            "are more than the gateway takes",
            code=status,
        )
    answer.never_executed |= never_taken(error)
    return answer


def _further_texts(error: Any) -> Iterable[str]:
    """Sentences in the status's details: a gateway has one for each partition that it asked."""
    for name, value in error.trailing_metadata() or ():
        # A message of protobuf: its texts stand in it as they are.
        if name == DETAILS and isinstance(value, bytes):
            yield from (found.decode() for found in _TEXTS.findall(value))


def _too_large(
    answer: MessageTooLarge, command: str, size: int, metadata: Iterable[tuple[str, Any]]
) -> GatewayError:
    text, status = answer.message, answer.status
    if is_about_metadata(text):
        ours = sum(len(name) + len(value) for name, value in metadata)
        if ours > _LARGE_HEADERS:
            return Unauthenticated(
                f"{command}: the credentials have {ours} bytes, more than the gateway, or what "
                f"stands before it, takes: {text}",
                code=status,
            )
    # In the words of gRPC's core: what this client did not take. Jobs are large only on their way.
    if "CLIENT: Received" in text or command in _FETCHES:
        answer_too_large = f"{command}: the answer is larger than somebody on its way takes: {text}"
        return MessageTooLarge(answer_too_large, code=status)
    found = MessageTooLarge(
        f"{command}: {size} bytes are more than the gateway, or what stands before it, takes: "
        f"{text}; keep large data elsewhere and put its id into the scope",
        code=status,
    )
    # Headers may be those of an answer to a command that was executed.
    return found if is_about_metadata(text) else never_left(found)
