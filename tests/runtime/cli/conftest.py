"""An engine that commands can talk to."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.waiting import loop_in_thread

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve


@dataclass(frozen=True)
class Stand:
    """An engine at an address: ``stand.run(stand.gateway.deploy(…))`` prepares it."""

    address: str
    gateway: EmbeddedGateway
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    """Runs a call of the gateway to its end and gives its result."""


@pytest.fixture
def stand() -> Iterator[Stand]:
    """An engine whose clock is moved by hand."""
    # Commands have an event loop of their own: the server lives in another thread.
    with loop_in_thread() as run:
        server = run(serve(Engine(ControlledClock())))
        yield Stand(f"http://127.0.0.1:{server.port}", server.gateway, run)
        run(server.stop())


@pytest.fixture
def address(stand: Stand) -> str:
    """Where an engine listens in which nothing has happened yet."""
    return stand.address
