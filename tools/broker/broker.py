"""One broker on free loopback ports, with a clock that can be moved and its records in a file."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub

from tools.broker.distribution import Distribution
from tools.broker.records import RecordSink

PATIENCE = 120.0
"""Seconds for a start; ten are usual."""

_SEGMENT = "16MB"
_LOG_TAIL = 1500


class BrokerFailed(Exception):
    """The broker did not come up; the message holds the end of its log."""


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class Broker:
    """Started on entering, stopped on leaving."""

    def __init__(self, distribution: Distribution, folder: Path) -> None:
        self._distribution = distribution
        self._folder = folder
        self._log = folder / "broker.log"
        self.gateway, self.monitoring, *self._inner = free_ports(5)
        self.sink = RecordSink(folder / "records.jsonl")
        self._process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """What tests read."""
        return {
            "ZEEBE_ADDRESS": f"http://127.0.0.1:{self.gateway}",
            "ZEEBE_MONITORING": f"http://127.0.0.1:{self.monitoring}",
            "ZEEBE_RECORDS": str(self.sink.path),
        }

    def __enter__(self) -> Self:
        self.sink.start()
        try:
            self.start()
        except BaseException:
            self.stop()
            self.sink.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.sink.stop()

    def start(self) -> None:
        """Starts the process and waits until its partition is healthy; again after `stop`."""
        home, run = self._distribution.home, self._folder / "run"
        run.mkdir(exist_ok=True)
        command = [
            str(self._distribution.java),
            "-Xmx512m",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            f"-Dbasedir={run}",
            f"-Dapp.home={home}",
            "-cp",
            f"{home}/config:{home}/lib/*",
            "io.camunda.zeebe.broker.StandaloneBroker",
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=run, env=os.environ | self._settings(), stdout=log, stderr=log
            )
        self._wait()

    def stop(self, *, kill: bool = False) -> None:
        """Ends the process; its data stay until the folder is removed."""
        if self._process is None:
            return
        self._process.kill() if kill else self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _settings(self) -> dict[str, str]:
        command, internal, web = map(str, self._inner)
        exporter = "ZEEBE_BROKER_EXPORTERS_ELASTICSEARCH_"
        return {
            "ZEEBE_CLOCK_CONTROLLED": "true",
            "MANAGEMENT_ENDPOINT_CLOCK_ENABLED": "true",
            "ZEEBE_BROKER_DATA_DISK_ENABLEMONITORING": "false",
            "ZEEBE_BROKER_DATA_LOGSEGMENTSIZE": _SEGMENT,
            "ZEEBE_BROKER_DATA_DIRECTORY": str(self._folder / "data"),
            "ZEEBE_BROKER_NETWORK_HOST": "127.0.0.1",
            "ZEEBE_BROKER_NETWORK_COMMANDAPI_PORT": command,
            "ZEEBE_BROKER_NETWORK_INTERNALAPI_PORT": internal,
            "ZEEBE_BROKER_CLUSTER_INITIALCONTACTPOINTS": f"127.0.0.1:{internal}",
            "ZEEBE_BROKER_GATEWAY_NETWORK_HOST": "127.0.0.1",
            "ZEEBE_BROKER_GATEWAY_NETWORK_PORT": str(self.gateway),
            "SERVER_PORT": web,
            "SERVER_ADDRESS": "127.0.0.1",
            "MANAGEMENT_SERVER_PORT": str(self.monitoring),
            "MANAGEMENT_SERVER_ADDRESS": "127.0.0.1",
            f"{exporter}CLASSNAME": "io.camunda.zeebe.exporter.ElasticsearchExporter",
            f"{exporter}ARGS_URL": f"http://127.0.0.1:{self.sink.port}",
            f"{exporter}ARGS_BULK_SIZE": "1",
            f"{exporter}ARGS_BULK_DELAY": "1",
            f"{exporter}ARGS_INDEX_JOBBATCH": "true",
            f"{exporter}ARGS_INDEX_REJECTION": "true",
        }

    def _wait(self) -> None:
        print(f"zeebe: starting on 127.0.0.1:{self.gateway}", flush=True)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                raise BrokerFailed(f"the broker ended:\n{self._words()}")
            if self._healthy():
                print("zeebe: ready", flush=True)
                return
            time.sleep(0.25)
        raise BrokerFailed(f"not ready after {PATIENCE:.0f} s:\n{self._words()}")

    def _healthy(self) -> bool:
        with grpc.insecure_channel(f"127.0.0.1:{self.gateway}") as channel:
            try:
                topology = GatewayStub(channel).Topology(pb.TopologyRequest(), timeout=2)
            except grpc.RpcError:
                return False
        return any(
            p.health == pb.Partition.HEALTHY and p.role == pb.Partition.LEADER
            for broker in topology.brokers
            for p in broker.partitions
        )

    def _words(self) -> str:
        return self._log.read_text(errors="replace")[-_LOG_TAIL:]


def move_clock(monitoring: str, milliseconds: int) -> None:
    """Moves a broker's clock on."""
    body = f'{{"offsetMilli": {milliseconds}}}'.encode()
    request = urllib.request.Request(  # noqa: S310 - a loopback address of our own
        f"{monitoring}/actuator/clock/add",
        data=body,
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - as above
        pass
