"""Zeebe's gateway protocol: the messages that pyzeebe has generated, and the calls of its service.

Only the generated file of messages is loaded. ``import pyzeebe`` loads its client, its worker and,
for its OAuth, requests: a third of a service's start, for what is not used here
(docs/decisions/stubs-alone.md).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import grpc.aio

from workflow_runtime.gateway.errors import InvalidArgument

__all__ = ["messages", "requests", "stub"]

_GENERATED: Final = "pyzeebe.proto.gateway_pb2"


def _load() -> Any:
    if _GENERATED in sys.modules:
        return sys.modules[_GENERATED]
    package = find_spec("pyzeebe")  # finds it, and runs nothing of it
    if package is None or package.origin is None:
        raise ImportError("pyzeebe is not installed", name="pyzeebe")
    path = Path(package.origin).parent / "proto" / "gateway_pb2.py"
    # A name of its own, so that a later `import pyzeebe.proto` runs as if nothing had been here.
    # Its classes are the same ones: protobuf keeps one for each message of a process.
    spec = spec_from_file_location(f"{__name__}._gateway_pb2", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"pyzeebe has no {path}", name=_GENERATED)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages: Final[Any] = _load()
"""The generated messages: ``messages.TopologyRequest`` and so on."""


def _checked(message: Any) -> Callable[..., Any]:
    command = message.DESCRIPTOR.name.removesuffix("Request")

    def make(**fields: Any) -> Any:
        try:
            return message(**fields)
        # Half of a surrogate pair in a text, a number of more bits than the field has.
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"{command}: the protocol cannot carry it: {error}") from None

    return make


requests: Final = SimpleNamespace(
    **{
        name: _checked(getattr(messages, name))
        for name in messages.DESCRIPTOR.message_types_by_name
    }
)
"""What makes the messages: `InvalidArgument` where a value does not fit into one."""


def stub(channel: grpc.aio.Channel) -> Any:
    """The calls of the service, by the names that the protocol gives them.

    Args:
        channel: where they go.
    """
    service = messages.DESCRIPTOR.services_by_name["Gateway"]
    return SimpleNamespace(
        **{method.name: _call(channel, service.full_name, method) for method in service.methods}
    )


def _call(channel: grpc.aio.Channel, service: str, method: Any) -> Any:
    make = channel.unary_stream if method.server_streaming else channel.unary_unary
    return make(
        f"/{service}/{method.name}",
        request_serializer=getattr(messages, method.input_type.name).SerializeToString,
        response_deserializer=getattr(messages, method.output_type.name).FromString,
        # As grpc's generated stubs do: the core looks the method up once, not at each call.
        _registered_method=True,
    )
