"""An engine of the user's own: where it is, its records, its clock, and how it is restarted.

All is told by the environment. Where a variable is missing that a test needs, the test is skipped
with a sentence that names it; where one is wrong, the test fails.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from tests.support.zeebe_stubs import GatewayStub, pb

from workflow_devkit.testing._environments.clocks import BrokerClock
from workflow_devkit.testing._environments.record_sources import RecordSource, records_at
from workflow_runtime.errors import AddressError
from workflow_runtime.gateway.address import Address, parse_address

VARIABLES = {
    "ZEEBE_ADDRESS": "the gateway of an engine of your own, such as http://127.0.0.1:26500",
    "ZEEBE_RECORDS": "where its exporter puts its records: an Elasticsearch, such as "
    "http://127.0.0.1:9200, or a file with one JSON object a line",
    "ZEEBE_MONITORING": "its management port, to move its clock, such as http://127.0.0.1:9600",
    "ZEEBE_RESTART": "a shell command that kills it and starts it again, such as "
    "docker compose kill zeebe && docker compose start zeebe",
}
PATIENCE = 10
"""Seconds that a line to it may take."""
RETURN = 120
"""Seconds that an engine gets to come back after a restart."""


def needs(*variables: str) -> None:
    """Skips the test unless all of these variables are set."""
    missing = [name for name in variables if not os.environ.get(name)]
    if missing:
        pytest.skip("; ".join(f"{name} is not set: {VARIABLES[name]}" for name in missing))


def environment() -> dict[str, str]:
    """All of ZEEBE_* that is set, for a process in any folder."""
    found = {name: value for name, value in os.environ.items() if name.startswith("ZEEBE_")}
    where = found.get("ZEEBE_RECORDS", "")
    if where and not where.startswith("http"):
        found["ZEEBE_RECORDS"] = str(Path(where).resolve())
    return found


def address() -> Address:
    """Where its gateway listens; the test fails if nothing does."""
    found = _said()
    if problem := _silent(found.target):
        pytest.fail(f"ZEEBE_ADDRESS is {found}: {problem}; give {VARIABLES['ZEEBE_ADDRESS']}")
    return found


def _said() -> Address:
    try:
        found = parse_address(_given("ZEEBE_ADDRESS"))
    except AddressError as error:
        pytest.fail(f"ZEEBE_ADDRESS: {error}")
    if found.embedded:
        pytest.fail(f"ZEEBE_ADDRESS is {found}; give {VARIABLES['ZEEBE_ADDRESS']}")
    return found


@functools.cache
def _silent(target: str) -> str:
    """Why nobody can be reached at a target when it is asked for first; empty if one can."""
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
    except OSError as error:
        return f"nobody answers there ({error})"
    return ""


def plain_address() -> Address:
    """Where its gateway listens in plain text, for a test that cuts the line to it."""
    found = _said()
    if found.tls:
        pytest.skip(f"ZEEBE_ADDRESS is {found}: a test that cuts the line needs a plain http://")
    return address()


def channel() -> grpc.aio.Channel:
    """A line to its gateway, without the runtime in between."""
    return _line(address())


def _line(found: Address) -> grpc.aio.Channel:
    if found.tls:
        return grpc.aio.secure_channel(found.target, grpc.ssl_channel_credentials())
    return grpc.aio.insecure_channel(found.target)


def records() -> RecordSource:
    """Its records from now on; the caller closes them."""
    where = _given("ZEEBE_RECORDS")
    try:
        return records_at(where)
    except OSError as error:
        pytest.fail(f"no records at {where}: {error}; give {VARIABLES['ZEEBE_RECORDS']}")


def exported_to_a_file() -> bool:
    """Whether its records can be read as soon as they are written."""
    return not _given("ZEEBE_RECORDS").startswith("http")


async def move_clock(duration: timedelta) -> None:
    """Moves its clock on."""

    async def settled() -> None:
        pass

    clock = BrokerClock(_given("ZEEBE_MONITORING"), settled, pytest.fail)
    await clock.advance(duration)


async def restart() -> None:
    """Kills it, starts it again and waits until a partition of it has a leader."""
    command = _given("ZEEBE_RESTART")
    process = await asyncio.create_subprocess_shell(command)
    code = await process.wait()
    if code:
        pytest.fail(f"ZEEBE_RESTART ended with {code}: {command}")
    async with asyncio.timeout(RETURN), _line(_said()) as line:
        while not await _leads(GatewayStub(line)):  # noqa: ASYNC110 - an engine tells nobody
            await asyncio.sleep(0.25)


async def _leads(stub: GatewayStub) -> bool:
    try:
        topology = await stub.Topology(pb.TopologyRequest(), timeout=RETURN, wait_for_ready=True)
    except grpc.aio.AioRpcError:
        return False
    partitions = [each for broker in topology.brokers for each in broker.partitions]
    return any(
        each.role == pb.Partition.LEADER and each.health == pb.Partition.HEALTHY
        for each in partitions
    )


def _given(variable: str) -> str:
    needs(variable)
    return os.environ[variable]
