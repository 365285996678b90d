"""Whether a call that failed was executed, by what a gateway and gRPC say of it."""

from datetime import timedelta

import grpc
import grpc.aio
import pytest
from tests.support.zeebe_stubs import GatewayServicer, add_GatewayServicer_to_server, pb

from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.errors import GatewayError, Unavailable
from workflow_runtime.gateway.grpc_credentials import Credentials
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource
from workflow_runtime.gateway.zeebe import ZeebeGateway

NOWHERE = Address("http", "127.0.0.1", 1)
DETAILS = (("grpc-status-details-bin", b"\x08\x0e"),)
"""What StatusProto of grpc-java adds to every status that the gateway makes."""


class Gateway(GatewayServicer):
    """Refuses every start with one status."""

    def __init__(self):
        self.status, self.metadata = grpc.StatusCode.UNAVAILABLE, ()

    async def CreateProcessInstance(self, request, context):  # noqa: N802 - the protocol's name
        context.set_trailing_metadata(self.metadata)
        await context.abort(self.status, "Expected to have a leader, but there is none")
        return pb.CreateProcessInstanceResponse()


@pytest.fixture
async def gateway():
    servicer = Gateway()
    server = grpc.aio.server()
    add_GatewayServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    servicer.client = ZeebeGateway(Address("http", "127.0.0.1", port))
    yield servicer
    await servicer.client.close()
    await server.stop(None)


async def refusal(client):
    with pytest.raises(GatewayError) as caught:
        await client.create_instance("p", {})
    return caught.value


@pytest.mark.parametrize(
    ("status", "metadata", "never_executed"),
    [
        ("UNAVAILABLE", DETAILS, True),
        ("UNAVAILABLE", (), False),
        ("ABORTED", DETAILS, False),
        ("DEADLINE_EXCEEDED", DETAILS, False),
        ("INTERNAL", DETAILS, False),
    ],
)
async def test_only_the_gateways_own_unavailable_is_a_no(gateway, status, metadata, never_executed):
    gateway.status, gateway.metadata = grpc.StatusCode[status], metadata
    error = await refusal(gateway.client)
    assert (error.status, error.never_executed) == (status, never_executed)


@pytest.mark.parametrize("address", [NOWHERE, Address("http", "no-such-host.invalid", 26500)])
async def test_what_found_nobody_was_not_executed(address):
    client = ZeebeGateway(address)
    error = await refusal(client)
    await client.close()
    assert (error.status, error.never_executed) == ("UNAVAILABLE", True)


async def test_what_is_sent_over_a_closed_connection_was_not_executed(gateway):
    await refusal(gateway.client)
    await gateway.client.close()
    assert (await refusal(gateway.client)).never_executed


async def test_without_a_token_nothing_leaves(gateway):
    url = "http://127.0.0.1:1/token"
    source = TokenSource(url, "me", "secret", timeout=timedelta(seconds=5))
    client = ZeebeGateway(NOWHERE, Credentials(OAuthCredentials(source)))
    error = await refusal(client)
    assert isinstance(error, Unavailable)
    assert error.never_executed


async def test_what_is_too_large_to_be_sent_was_not_executed(gateway):
    with pytest.raises(GatewayError) as caught:
        await gateway.client.create_instance("p", {"text": "x" * 5_000_000})
    assert caught.value.never_executed
