"""Statuses that mean two things: only the sentence beside them says which.

Nobody has agreed upon the sentences; each is named with who says it.
"""

from __future__ import annotations

import re

__all__ = ["is_about_metadata", "is_of_a_proxy", "is_reset", "is_too_large"]

_METADATA = (
    # gRPC's core ("metadata size exceeds hard limit", with a slip of the pen in its sources).
    r"metad\w+ size exceeds",
    # Servers and proxies of HTTP/2, of whatever stands in the headers: netty, Envoy.
    r"header (list )?size",
    r"headers?( (fields?|list|received|is|are))* too (large|big)",
    r"\bstatus(?: code)?(?: received from server)?:? 431\b",
)
_MESSAGE = (
    # gRPC's core and Go: "Received message larger than max (5 vs. 4)", "trying to send message …",
    # "received message after decompression larger than max".
    r"message [\w ]*larger than (the )?max",
    # gRPC in Java and .NET: "gRPC message exceeds maximum size 4: 5", "exceeds the maximum
    # configured message size"; Rust: "message length too large: found 5 bytes, the limit is 4".
    r"(message|payload|body) exceed(s|ed) (the )?(configured )?(max|limit)",
    r"message length too large",
    r"decompressing: size limit.{0,40} exceeded",
    # Zeebe's broker: "Request size is above configured maxMessageSize", its error and rejection
    # MAX_MESSAGE_SIZE_EXCEEDED and EXCEEDED_BATCH_RECORD_SIZE, its log's "would exceed the maximum
    # batch size", its dispatcher's "Expected to claim segment of size 5, but can't claim more".
    r"max[ _]?message[ _]?size",
    r"exceed\w*[ _](the )?(max\w* )?(batch|record|fragment)",
    r"claim segment of size",
    # Anybody's own words for it.
    (
        r"(message|request|payload|body|batch|record|fragment|entry|frame|variables?)[ _]"
        r"(size|length).{0,40}(exceed|above|larger|greater|too large)"
    ),
    # Proxies: nginx, Envoy, load balancers.
    (
        r"\b(message|request|entity|payload|content|body|record|batch|frame|variables?)( size)?"
        r"( is| are| was)? too (large|big)\b"
    ),
    r"\bstatus(?: code)?(?: received from server)?:? 413\b",
)
_ABOUT_METADATA = re.compile("|".join(_METADATA), re.IGNORECASE)
_TOO_LARGE = re.compile("|".join((*_METADATA, *_MESSAGE)), re.IGNORECASE | re.DOTALL)
# gRPC's core: "Received http2 header with status: 404"; Java and Go: "HTTP status code 404",
# "unexpected HTTP status code received from server: 404".
_PROXY = re.compile(r"http2? (header with )?status( code)?[^:]{0,30}:? \d{3}\b", re.IGNORECASE)
_RESET = re.compile(r"RST_STREAM|Received Rst Stream", re.IGNORECASE)


def is_too_large(sentence: str) -> bool:
    """Whether a refusal is about a size: of a message, a record, a batch, or of headers."""
    return _TOO_LARGE.search(sentence) is not None


def is_about_metadata(sentence: str) -> bool:
    """Whether a refusal is about the size of what stands beside the message."""
    return _ABOUT_METADATA.search(sentence) is not None


def is_of_a_proxy(sentence: str) -> bool:
    """Whether it was no gateway that answered, but something before it, in the words of HTTP."""
    return _PROXY.search(sentence) is not None


def is_reset(sentence: str) -> bool:
    """Whether the other side broke the call off in the middle (HTTP/2's RST_STREAM)."""
    return _RESET.search(sentence) is not None
