"""The gRPC channel to a gateway: how it is opened, and what keeps it alive."""

from __future__ import annotations

import os

import grpc
import grpc.aio

from workflow_runtime.errors import WrongPlace
from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.grpc_credentials import Credentials
from workflow_runtime.gateway.proxies import proxy_url
from workflow_runtime.gateway.wire import MESSAGE_LIMIT

__all__ = ["check_process", "open_channel"]

_users: set[int] = set()
"""The processes that have opened a channel: this one, and those that it is a fork of."""

_OPTIONS = (
    # 45 s as the Java client; below 30 s Zeebe's gateway answers with GOAWAY.
    ("grpc.keepalive_time_ms", 45_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Without these two gRPC stops to ping an idle line (its keepalive.md).
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # gRPC's own waits grow to two minutes; the first job shall come 3 s after the broker.
    ("grpc.initial_reconnect_backoff_ms", 100),
    # Its name misleads: how long an attempt to connect may take (grpc/grpc#14057), 20 s else.
    ("grpc.min_reconnect_backoff_ms", 1_500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # A gateway that has moved is found within seconds; gRPC's own minimum is half a minute.
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    # The gateway's limits are enough. Jobs that came and cannot be read would come again and again.
    ("grpc.max_receive_message_length", -1),
    # Else 16 KB: what is longer, such as all errors of a deployment, becomes RESOURCE_EXHAUSTED.
    ("grpc.max_metadata_size", MESSAGE_LIMIT),
    ("grpc.absolute_max_metadata_size", MESSAGE_LIMIT),
    # Channels to one address otherwise share a connection and its waits (grpc/grpc#17282).
    ("grpc.use_local_subchannel_pool", 1),
)


def open_channel(address: Address, credentials: Credentials) -> grpc.aio.Channel:
    """Opens a channel; it connects with its first call.

    Args:
        address: where the gateway is.
        credentials: whom we trust, where the line is encrypted.

    Returns:
        The channel, which belongs to the running event loop.
    """
    _users.add(os.getpid())
    # gRPC heeds http_proxy and its like for this machine too, knows fewer exceptions, and takes an
    # empty https_proxy for one that hides http_proxy.
    proxy = proxy_url(address)
    through = ("grpc.http_proxy", proxy) if proxy else ("grpc.enable_http_proxy", 0)
    options = (*_OPTIONS, through)
    if not address.tls:
        return grpc.aio.insecure_channel(address.target, options)
    return grpc.aio.secure_channel(address.target, credentials.for_channel(), options)


def check_process() -> None:
    """Lets only processes pass in which gRPC works: one that was forked lacks its threads.

    Raises:
        WrongPlace: this process is a fork of one that has used gRPC; its calls would never end.
    """
    if others := _users - {os.getpid()}:
        raise WrongPlace(
            f"this process is a fork of one that has connected to a gateway (process "
            f"{min(others)}), and gRPC does not survive a fork: fork before the first service "
            "starts, or make processes by `spawn` (multiprocessing.get_context)"
        )
