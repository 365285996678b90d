"""One contract, every adapter: in process, over gRPC, and a real broker."""

import itertools
import uuid
from datetime import timedelta

import pytest
from tests.support import own_engine
from tests.support.diagrams import one_task, resource

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.values import JobRequest
from workflow_runtime.gateway.zeebe import ZeebeGateway


class World:
    """A gateway under test, with names that nobody else uses and a clock that can be moved."""

    def __init__(self, gateway, advance):
        self.gateway = gateway
        self.advance = advance
        self.id = "p" + uuid.uuid4().hex[:10]
        self._names = itertools.count()

    @property
    def job_type(self):
        return f"{self.id}_work"

    @property
    def message(self):
        return f"{self.id}_message"

    async def deploy(self, text):
        return await self.gateway.deploy([resource(text, self.id)])

    async def deploy_task(self, more=""):
        return await self.gateway.deploy([one_task(self.id, "work", more=more)])

    async def deploy_catch(self):
        return await self.deploy(f"""
            start start
            catch wait message={self.message} key==key
            end end
            start -> wait -> end
        """)

    async def start(self, scope=None):
        return await self.gateway.create_instance(self.id, scope or {})

    async def jobs(self, count=1, *, fetch=(), poll=10.0, timeout=60.0):
        return await self.gateway.activate_jobs(
            JobRequest(
                self.job_type,
                "contract",
                timedelta(seconds=timeout),
                count,
                fetch,
                timedelta(seconds=poll),
            )
        )

    async def job(self, **options):
        found = await self.jobs(**options)
        assert len(found) == 1
        return found[0]

    async def result(self, scope=None, timeout=10.0):
        return await self.gateway.create_instance_with_result(
            self.id, scope or {}, timeout=timedelta(seconds=timeout)
        )


async def _embedded():
    gateway = EmbeddedGateway(Engine(ControlledClock()))
    yield World(gateway, gateway.advance)
    await gateway.close()


async def _over_grpc():
    server = await serve(Engine(ControlledClock()))
    gateway = ZeebeGateway(parse_address(f"http://127.0.0.1:{server.port}"))
    yield World(gateway, server.gateway.advance)
    await gateway.close()
    await server.stop()


async def _broker():
    gateway = ZeebeGateway(own_engine.address())
    yield World(gateway, own_engine.move_clock)
    await gateway.close()


WORLDS = {"embedded": _embedded, "grpc": _over_grpc, "zeebe": _broker}


@pytest.fixture(
    params=["embedded", "grpc", pytest.param("zeebe", marks=pytest.mark.zeebe)],
)
async def world(request):
    async for each in WORLDS[request.param]():
        yield each
