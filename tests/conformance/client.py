"""One gRPC client for both engines: requests as dictionaries, answers as code, text and fields."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from tests.support.zeebe_stubs import GatewayStub, pb

# Protobuf 5 has another name for it.
_DEFAULTS_TOO = {
    name: True
    for name in ("always_print_fields_with_no_presence", "including_default_value_fields")
    if name in signature(MessageToDict).parameters
}
_STREAMING = frozenset({"ActivateJobs", "StreamActivatedJobs"})


@dataclass(frozen=True)
class Answer:
    """What came back: ``fields`` None when refused."""

    code: str
    message: str
    fields: Any


async def call(stub: GatewayStub, rpc: str, request: dict[str, Any], timeout: float = 20) -> Answer:
    """Calls one RPC; of a stream, everything."""
    message = ParseDict(request, getattr(pb, f"{rpc}Request")())
    method = getattr(stub, rpc)
    try:
        if rpc in _STREAMING:
            found = [_fields(part) async for part in method(message, timeout=timeout)]
            return Answer("OK", "", [job for part in found for job in part["jobs"]])
        return Answer("OK", "", _fields(await method(message, timeout=timeout)))
    except grpc.aio.AioRpcError as error:
        return Answer(error.code().name, error.details() or "", None)


def _fields(message: Any) -> dict[str, Any]:
    return MessageToDict(message, **_DEFAULTS_TOO)
