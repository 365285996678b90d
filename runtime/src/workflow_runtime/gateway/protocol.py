"""Zeebe's gateway protocol: the messages that pyzeebe has generated, and the calls of its service.

Only the generated file of messages is loaded. ``import pyzeebe`` loads its client, its worker and,
for its OAuth, requests: a third of a service's start, for what is not used here
(docs/decisions/stubs-alone.md).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import grpc.aio
from google.protobuf.descriptor_pb2 import MethodDescriptorProto

from workflow_runtime.gateway.errors import InvalidArgument

__all__ = ["is_stream", "messages", "requests", "stub"]

_PYZEEBE: Final = "pyzeebe.proto.gateway_pb2"
_ZEEBE_GRPC: Final = "zeebe_grpc.gateway_pb2"
"""A distribution that pyzeebe has required before 4.3, and has the messages from."""
# As grpc's generated stubs do: the core looks a method up once, not at each call. Older versions of
# grpcio know no such thing.
_REGISTERED: Final = (
    {"_registered_method": True}
    if "_registered_method" in signature(grpc.aio.Channel.unary_unary).parameters
    else {}
)


def _load() -> Any:
    for name in (_PYZEEBE, _ZEEBE_GRPC):
        if name in sys.modules:  # protobuf takes a protocol from one file only
            return sys.modules[name]
    package = find_spec("pyzeebe")  # finds it, and runs nothing of it
    if package is None or package.origin is None:
        raise ImportError("pyzeebe is not installed", name="pyzeebe")
    path = Path(package.origin).parent / "proto" / "gateway_pb2.py"
    if not path.exists():
        return import_module(_ZEEBE_GRPC)
    # A name of its own, so that a later `import pyzeebe.proto` runs as if nothing had been here.
    # Its classes are the same ones: protobuf keeps one for each message of a process.
    spec = spec_from_file_location(f"{__name__}._gateway_pb2", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file", name=_PYZEEBE)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _loaded() -> Any:
    try:
        return _load()
    # Generated code raises errors of its own: somebody has forced a version that does not fit.
    except Exception as error:
        raise ImportError(
            "Zeebe's messages cannot be loaded: the installed pyzeebe, zeebe-grpc and protobuf do "
            f"not fit together ({type(error).__name__}: {error}); `pip check` names what does not, "
            "`pip install zeebe-workflow-runtime` without --no-deps mends it",
            name="pyzeebe",
        ) from error


messages: Final[Any] = _loaded()
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


def is_stream(method: Any) -> bool:
    """Tells whether a call of the service has many answers.

    Args:
        method: its descriptor, of which ``server_streaming`` cannot be asked before protobuf 4.23.
    """
    written = MethodDescriptorProto()
    method.CopyToProto(written)
    return bool(written.server_streaming)


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
    make = channel.unary_stream if is_stream(method) else channel.unary_unary
    return make(
        f"/{service}/{method.name}",
        request_serializer=getattr(messages, method.input_type.name).SerializeToString,
        response_deserializer=getattr(messages, method.output_type.name).FromString,
        **_REGISTERED,
    )
