"""The generated code of Zeebe's protocol, for tests that are a client or a broker of their own."""

try:
    from pyzeebe.proto import gateway_pb2 as pb
    from pyzeebe.proto import gateway_pb2_grpc as rpc
    from pyzeebe.proto.gateway_pb2_grpc import (
        GatewayServicer,
        GatewayStub,
        add_GatewayServicer_to_server,
    )
except ModuleNotFoundError:  # pyzeebe before 4.3
    from zeebe_grpc import gateway_pb2 as pb
    from zeebe_grpc import gateway_pb2_grpc as rpc
    from zeebe_grpc.gateway_pb2_grpc import (
        GatewayServicer,
        GatewayStub,
        add_GatewayServicer_to_server,
    )

__all__ = ["GatewayServicer", "GatewayStub", "add_GatewayServicer_to_server", "pb", "rpc"]
