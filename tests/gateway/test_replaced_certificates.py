"""Certificates end and are replaced while a service runs."""

import asyncio

import grpc
import grpc.aio
import pytest
from tests.gateway.certificates import Authority
from tests.gateway.test_credentials import Gateway
from tests.support.zeebe_stubs import add_GatewayServicer_to_server

from workflow_runtime import WorkflowSettings
from workflow_runtime.gateway.connect import connect
from workflow_runtime.gateway.errors import DeadlineExceeded, Unavailable


async def secured(authority, port=0):
    """A gateway that asks for certificates of this authority; the server and its port."""
    certificate, key = authority.issue("gateway")
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    add_GatewayServicer_to_server(Gateway(), server)
    credentials = grpc.ssl_server_credentials(
        [(key.read_bytes(), certificate.read_bytes())],
        root_certificates=authority.ca.read_bytes(),
        require_client_auth=True,
    )
    port = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    await server.start()
    return server, port


@pytest.mark.slow
async def test_certificates_that_are_replaced_are_used_without_a_restart(tmp_path):
    first = Authority(tmp_path)
    certificate, key = first.issue("client")
    server, port = await secured(first)
    files = {"client_cert_file": certificate, "client_key_file": key, "ca_file": first.ca}
    address = f"https://127.0.0.1:{port}"
    there = connect(WorkflowSettings(address=address, request_timeout=2, **files))
    await there.topology()
    await server.stop(None)
    with pytest.raises(Unavailable):
        await there.topology()
    # Everything that has expired is issued anew, into the same files, by another authority.
    second = Authority(tmp_path)
    second.issue("client")
    server, _ = await secured(second, port)
    async with asyncio.timeout(60):
        while True:
            try:
                assert (await there.topology()).gateway_version == "8.4.1"
                break
            except (Unavailable, DeadlineExceeded):
                await asyncio.sleep(0.2)
    await server.stop(None)
    await there.close()
