"""One contract, every adapter: in process, over gRPC, and a real broker."""

import itertools
import uuid
from datetime import timedelta

import pytest
from tests.support import own_engine

from workflow_devkit.engine import ControlledClock, Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime.gateway.address import parse_address
from workflow_runtime.gateway.port import JobRequest, Resource
from workflow_runtime.gateway.zeebe import ZeebeGateway

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">"""


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

    async def deploy(self, body, messages=""):
        process = f'<bpmn:process id="{self.id}" isExecutable="true">{body}</bpmn:process>'
        content = f"{_HEAD}{messages}{process}</bpmn:definitions>"
        return await self.gateway.deploy([Resource(f"{self.id}.bpmn", content.encode())])

    async def deploy_task(self, retries="3", extra=""):
        return await self.deploy(
            f'<bpmn:startEvent id="start"/><bpmn:serviceTask id="work"><bpmn:extensionElements>'
            f'<zeebe:taskDefinition type="{self.job_type}" retries="{retries}"/>{extra}'
            "</bpmn:extensionElements></bpmn:serviceTask>"
            '<bpmn:endEvent id="end"/>'
            '<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="work"/>'
            '<bpmn:sequenceFlow id="b" sourceRef="work" targetRef="end"/>'
        )

    async def deploy_catch(self):
        return await self.deploy(
            '<bpmn:startEvent id="start"/>'
            '<bpmn:intermediateCatchEvent id="wait">'
            '<bpmn:messageEventDefinition id="d" messageRef="M"/></bpmn:intermediateCatchEvent>'
            '<bpmn:endEvent id="end"/>'
            '<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="wait"/>'
            '<bpmn:sequenceFlow id="b" sourceRef="wait" targetRef="end"/>',
            f'<bpmn:message id="M" name="{self.message}"><bpmn:extensionElements>'
            '<zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>',
        )

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
