"""Sentences of gateways, brokers and proxies, and what each of them means."""

import pytest

from workflow_runtime.gateway.errors import (
    DeadlineExceeded,
    GatewayInternal,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    error_for,
)

TOO_LARGE = [
    ("RESOURCE_EXHAUSTED", "CLIENT: Received message larger than max (70000000 vs. 67108864)"),
    ("RESOURCE_EXHAUSTED", "Stream removed (CLIENT: Received message larger than max (5 vs. 4))"),
    ("RESOURCE_EXHAUSTED", "SERVER: Received message larger than max (120004 vs. 100000)"),
    ("RESOURCE_EXHAUSTED", "Received message larger than max (120004 vs. 100000)"),
    ("RESOURCE_EXHAUSTED", "CLIENT: Sent message larger than max (25470493 vs. 20971520)"),
    ("RESOURCE_EXHAUSTED", "grpc: received message larger than max (6331143 vs. 4194304)"),
    ("RESOURCE_EXHAUSTED", "trying to send message larger than max (5242890 vs. 2097152)"),
    ("RESOURCE_EXHAUSTED", "grpc: received message after decompression larger than max 4194304"),
    ("RESOURCE_EXHAUSTED", "gRPC message exceeds maximum size 4194304: 5193778"),
    ("RESOURCE_EXHAUSTED", "Decompressed gRPC message exceeds maximum size 4194304"),
    ("RESOURCE_EXHAUSTED", "Compressed gRPC message exceeds maximum size 4: 5 bytes read"),
    ("RESOURCE_EXHAUSTED", "Received message exceeds the maximum configured message size."),
    (
        "OUT_OF_RANGE",
        "Error, decoded message length too large: found 5117681 bytes, the limit is: 4194304 bytes",
    ),
    (
        "RESOURCE_EXHAUSTED",
        "Error decompressing: size limit, of 1048576 bytes, exceeded while decompressing message",
    ),
    ("RESOURCE_EXHAUSTED", "received trailing metadata size exceeds limit"),
    ("RESOURCE_EXHAUSTED", "received initial metadata size exceeds limit"),
    ("RESOURCE_EXHAUSTED", "to-be-sent initial metadata size exceeds peer limit"),
    (
        "RESOURCE_EXHAUSTED",
        "received metadata size exceeds hard limit (18013 vs. 16384);  grpc-message:17969B",
    ),
    (
        "RESOURCE_EXHAUSTED",
        "Stream removed (received metadata size exceeds hard limit (value length 9 vs. 8))",
    ),
    ("INTERNAL", "http2 exception: Header size exceeded max allowed size (8192)"),
    ("UNAVAILABLE", "peer's max header list size is 8192"),
    ("RESOURCE_EXHAUSTED", "Request size is above configured maxMessageSize."),
    ("INVALID_ARGUMENT", "Request size is above configured maxMessageSize."),
    (
        "INTERNAL",
        (
            "Unexpected error occurred between gateway and broker (code: INTERNAL_ERROR) (message: "
            "Failed writing request: Request size is above configured maxMessageSize.)"
        ),
    ),
    (
        "INTERNAL",
        "Unexpected error occurred between gateway and broker (code: MAX_MESSAGE_SIZE_EXCEEDED)",
    ),
    ("UNKNOWN", "Command 'COMPLETE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': "),
    ("INTERNAL", "Command 'CREATE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': too much"),
    (
        "INTERNAL",
        (
            "Can't append entry: 'RecordBatchEntry[...]' with size: 4194304 this would exceed the "
            "maximum batch size. [ currentBatchEntryCount: 1, currentBatchSize: 4194303]"
        ),
    ),
    (
        "INTERNAL",
        "Expected to claim segment of size 4194560, but can't claim more than 4194304 bytes.",
    ),
    ("RESOURCE_EXHAUSTED", "max message size exceeded"),
    ("UNKNOWN", "Received http2 header with status: 413"),
    ("UNKNOWN", "Received http2 header with status: 431"),
    ("UNKNOWN", "unexpected HTTP status code received from server: 413 (Request Entity Too Large)"),
    ("UNKNOWN", "HTTP status code 413"),
    ("UNKNOWN", "Payload Too Large"),
    ("RESOURCE_EXHAUSTED", "request body is too large"),
    ("CANCELLED", "message too big"),
    ("RESOURCE_EXHAUSTED", "Request payload exceeded limit of 4194304 bytes"),
    ("RESOURCE_EXHAUSTED", "The request payload size exceeds the limit: 10485760 bytes."),
    ("RESOURCE_EXHAUSTED", "message size 5242880 exceeds maximum 4194304"),
    ("RESOURCE_EXHAUSTED", "Frame size 5242880 larger than configured max 4194304"),
    ("RESOURCE_EXHAUSTED", "Variables size exceeds limit"),
    ("RESOURCE_EXHAUSTED", "http2: header list too large"),
    ("RESOURCE_EXHAUSTED", "total size of headers received is too large"),
]

BUSY = [
    "Reached maximum capacity of requests handled",
    (
        "Expected to execute the command on one of the partitions, but all failed; there are 3 "
        "partitions available: [1, 2, 3]"
    ),
    (
        "Expected to activate jobs of type 'work', but no jobs available and at least one broker "
        "returned 'RESOURCE_EXHAUSTED'. Please try again later."
    ),
    "Failed to write client request to partition '1', because the write limit is exhausted.",
    "Received RST_STREAM with error code 11",
    "Quota exceeded: too many requests, the limit is 100 each second",
    "in-flight request exceeds limit 100",
    "Request queue size exceeds limit",
    "The connection pool size limit has been exceeded",
    "backlog size limit of 1000 requests exceeded",
    "",
]


@pytest.mark.parametrize(("status", "sentence"), TOO_LARGE)
def test_what_is_too_large_stays_so(status, sentence):
    found = error_for(status, sentence)
    assert isinstance(found, MessageTooLarge)
    assert (found.status, found.message) == (status, sentence)


@pytest.mark.parametrize("sentence", BUSY)
def test_a_crowded_gateway_has_room_later(sentence):
    assert isinstance(error_for("RESOURCE_EXHAUSTED", sentence), ResourceExhausted)


@pytest.mark.parametrize("sentence", BUSY)
def test_what_was_turned_away_was_not_executed_and_what_was_broken_off_may_have_been(sentence):
    found = error_for("RESOURCE_EXHAUSTED", sentence)
    assert found.never_executed == ("RST_STREAM" not in sentence)


@pytest.mark.parametrize(
    ("status", "sentence", "kind"),
    [
        ("NOT_FOUND", "Expected to find process 'message too large', but none found", NotFound),
        ("DEADLINE_EXCEEDED", "message larger than max", DeadlineExceeded),
        ("PERMISSION_DENIED", "Received http2 header with status: 403", Unauthenticated),
        ("UNAUTHENTICATED", "Received http2 header with status: 401", Unauthenticated),
        ("UNIMPLEMENTED", "Received http2 header with status: 404", Unavailable),
        ("UNKNOWN", "Received http2 header with status: 500", Unavailable),
        ("INTERNAL", "Received http2 header with status: 400", Unavailable),
        ("UNKNOWN", "HTTP status code 500\ninvalid content-type: text/html", Unavailable),
        ("UNAVAILABLE", "Received http2 header with status: 503", Unavailable),
        (
            "UNIMPLEMENTED",
            "Method not found: CompleteJob",
            GatewayInternal,
        ),
        ("INTERNAL", "something is too small", GatewayInternal),
        ("INVALID_ARGUMENT", "Expected to have a job type", InvalidArgument),
    ],
)
def test_other_sentences_mean_what_their_status_or_their_sender_says(status, sentence, kind):
    found = error_for(status, sentence)
    assert (type(found), found.status) == (kind, status)
