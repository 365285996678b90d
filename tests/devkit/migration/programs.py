"""Programs that use pyzeebe, in the styles of different people.

Behind ``#:`` stands what is found on that line, several things with ``|`` between them.
"""

QUICKSTART = """
import asyncio
from pyzeebe import (
    ZeebeWorker, Job)  #: from pyzeebe import ZeebeWorker | from pyzeebe import Job
from pyzeebe import create_insecure_channel  #: from pyzeebe import create_insecure_channel

async def main():
    channel = create_insecure_channel(  #: create_insecure_channel(…)
        grpc_address="zeebe:26500",  #: create_insecure_channel(grpc_address=…)
    )
    worker = ZeebeWorker(channel, max_connection_retries=-1)  \
#: ZeebeWorker(…) | ZeebeWorker(max_connection_retries=…)

    @worker.task(task_type="charge", timeout_ms=30_000)  \
#: the handler of 'charge' | task(timeout_ms=…)
    async def charge(job: Job, order_id, amount: int = 0, **rest):  \
#: job: Job | order_id | amount: int | **rest
        return {"paid": amount, "at": job.key, "by": job.custom_headers["by"]}  \
#: Job.key | Job.custom_headers

    await worker.work()  #: ZeebeWorker.work

asyncio.run(main())
"""

ALIASED = """
import pyzeebe as pz  #: import pyzeebe
import pyzeebe.errors as problems  #: import pyzeebe.errors

class Service:
    def __init__(self, client: "pz.ZeebeClient"):
        self._client = client
        self._worker = pz.ZeebeWorker(pz.create_secure_channel())  \
#: ZeebeWorker(…) | create_secure_channel(…)

    def register(self):
        @self._worker.task("a")  #: the handler of 'a'
        def a():  #: a()
            pass

    async def begin(self):
        try:
            return await self._client.run_process_with_result(  \
#: ZeebeClient.run_process_with_result
                "order", timeout=5000)  #: run_process_with_result(timeout=…)
        except problems.ProcessTimeoutError:  #: ProcessTimeoutError
            raise pz.errors.BusinessError("late")  #: BusinessError
"""

STARRED = """
from pyzeebe import *  #: from pyzeebe import *

router = ZeebeTaskRouter()  #: ZeebeTaskRouter(…)

@router.task(task_type="b", single_value=True, variable_name="b")  \
#: the handler of 'b' | task(single_value=…) | task(variable_name=…)
def b(*values):  #: *values
    return 1

def make(channel):
    worker = ZeebeWorker(channel)  #: ZeebeWorker(…)
    worker.include_router(router)  #: ZeebeWorker.include_router
    return worker

make(None).before(print)  #: ZeebeWorker.before
"""

EXCEPTION_HANDLERS = """
from pyzeebe import ZeebeWorker  #: from pyzeebe import ZeebeWorker

async def fails(error, job, controller):
    await controller.set_failure_status(str(error))  \
#: an exception handler that fails the job
async def fails_at_once(error, job, controller):
    await controller.set_failure_status(str(error), 0)  \
#: an exception handler that fails the job
async def waits(error, job, controller):
    await controller.set_failure_status(str(error), retry_back_off_ms=job.retries)  \
#: Job.retries | an exception handler that fails the job with a back-off
async def throws(error, job, controller):
    await controller.set_error_status(message="no", error_code="gone")  \
#: an exception handler that throws an error with a code
async def throws_nothing(error, job, controller):
    await controller.set_error_status("no")  \
#: an exception handler that throws an error without a code
async def mistaken(error, job, controller):
    await controller.set_error_status(job, "no")  \
#: an exception handler that passes the job as the message
async def completes(error, job, controller):
    await controller.set_success_status({"failed": True})  \
#: an exception handler that completes the job
async def logs(error, job, controller):  \
#: logs: an exception handler that decides nothing
    print(error, job.variables)  #: Job.variables

def make(channel):
    worker = ZeebeWorker(channel, exception_handler=logs)  \
#: ZeebeWorker(…) | ZeebeWorker(exception_handler=…)
    worker.exception_handler(fails)  #: ZeebeWorker.exception_handler
    for each in (1, 2):
        worker.task("x", waits)(print)  #: the handler of 'x' | task(exception_handler=…)
    worker.task("y", exception_handler=throws)(print)  \
#: the handler of 'y' | task(exception_handler=…)
    worker.task("z", exception_handler=throws_nothing)(print)  \
#: the handler of 'z' | task(exception_handler=…)
    worker.task("u", exception_handler=mistaken)(print)  \
#: the handler of 'u' | task(exception_handler=…)
    worker.task("v", exception_handler=completes)(print)  \
#: the handler of 'v' | task(exception_handler=…)
    worker.task("w", exception_handler=fails_at_once)(print)  \
#: the handler of 'w' | task(exception_handler=…)
"""

DECORATORS = """
from pyzeebe import Job, ZeebeWorker as Worker  \
#: from pyzeebe import Job | from pyzeebe import ZeebeWorker

async def log(job):  #: log: before or after
    print(job.type, job.status)  #: Job.type | Job.status
    return job

class Audit:
    async def write(self, job):  #: write: before or after
        job.set_task_result({})  #: Job.set_task_result
        return job

    def __init__(self, worker: Worker):
        worker.after(self.write)  #: ZeebeWorker.after

def make(channel):
    worker = Worker(channel, before=[log])  #: ZeebeWorker(…) | ZeebeWorker(before=…)
    Audit(worker)
    return worker

def helper(job: Job):  #: job: Job
    return job.variables["a"]  #: Job.variables
"""

LYING = """
from __future__ import annotations
from typing import Optional
from pyzeebe import Job, ZeebeWorker  \
#: from pyzeebe import Job | from pyzeebe import ZeebeWorker

worker: ZeebeWorker = make()

@worker.task(task_type="a")  #: the handler of 'a'
async def a(job: Job):  #: job: Job
    pass

@worker.task(task_type="b")  #: the handler of 'b'
async def b(job: Optional[Job], count: int = None):  #: job: Optional[Job] | count: int
    pass
"""

FASTAPI = """
from typing import Annotated
from fastapi import Depends, FastAPI, Request
from pyzeebe import ZeebeClient  #: from pyzeebe import ZeebeClient
from pyzeebe.errors import MessageAlreadyExistsError  \
#: from pyzeebe.errors import MessageAlreadyExistsError

async def client_of():
    yield ZeebeClient(channel)  #: ZeebeClient(…)

Client = Annotated[ZeebeClient, Depends(client_of)]
app = FastAPI()

async def lifespan(app):
    app.state.zeebe = ZeebeClient(channel)  #: ZeebeClient(…)

@app.post("/a")
async def a(client: Client):
    await client.broadcast_signal("s", {})  #: ZeebeClient.broadcast_signal

@app.post("/b")
async def b(zeebe=Depends(client_of)):
    await zeebe.topology()  #: ZeebeClient.topology

@app.post("/c")
async def c(request: Request, id: str):
    try:
        await request.app.state.zeebe.publish_message(  #: ZeebeClient.publish_message
            "paid", id, {}, 60_000,  #: publish_message(time_to_live_in_milliseconds=…)
            message_id=id)  #: publish_message(message_id=…)
    except MessageAlreadyExistsError:  #: MessageAlreadyExistsError
        pass
"""

FLASK = """
import os
from flask import Flask, current_app
from pyzeebe import SyncZeebeClient, create_camunda_cloud_channel  \
#: from pyzeebe import SyncZeebeClient | from pyzeebe import create_camunda_cloud_channel

app = Flask(__name__)
app.config["ZEEBE"] = SyncZeebeClient(  #: SyncZeebeClient(…)
    create_camunda_cloud_channel(  #: create_camunda_cloud_channel(…)
        cluster_id=os.environ["C"], region="bru-2"))  \
#: create_camunda_cloud_channel(cluster_id=…) | create_camunda_cloud_channel(region=…)

def zeebe() -> SyncZeebeClient:
    return current_app.config["ZEEBE"]

@app.post("/start")
def start():
    zeebe().run_process("order", {}, tenant_id="a")  \
#: SyncZeebeClient.run_process | run_process(tenant_id=…)
    current_app.config["ZEEBE"].evaluate_decision(None, "d")  \
#: SyncZeebeClient.evaluate_decision
    return {}
"""

OLD = """
from pyzeebe import Task, ZeebeClient, ZeebeWorker  \
#: from pyzeebe import Task | from pyzeebe import ZeebeClient | from pyzeebe import ZeebeWorker
from pyzeebe import CamundaCloudCredentials  #: from pyzeebe import CamundaCloudCredentials

def example(input):  #: input
    return {"output": input}

def throws(error, context, controller):
    controller.error(f"{context.type}: {error}")  \
#: Job.type | an exception handler that throws an error without a code
def fails(error, context, controller):
    controller.failure(str(error))  #: an exception handler that fails the job

worker = ZeebeWorker(hostname="zeebe", port=26500)  \
#: ZeebeWorker(…) | ZeebeWorker(hostname=…) | ZeebeWorker(port=…)
worker.add_task(Task("x", example))  #: ZeebeWorker.add_task | the handler of 'x'
task = Task(task_type="y", task_handler=example, exception_handler=throws)  \
#: the handler of 'y' | Task(exception_handler=…)
other = Task("z", example, fails)  #: the handler of 'z' | Task(exception_handler=…)
ZeebeClient().deploy_workflow("a.bpmn")  #: ZeebeClient(…) | ZeebeClient.deploy_workflow
"""

EXCEPTION_HANDLERS_OF_3 = """
from pyzeebe import Job, ZeebeWorker  #: from pyzeebe import Job | from pyzeebe import ZeebeWorker

async def fails(error: Exception, job: Job) -> None:
    await job.set_failure_status(str(error))  #: an exception handler that fails the job
async def throws(error, job):
    await job.set_error_status("no", error_code="gone")  \
#: an exception handler that throws an error with a code
async def throws_nothing(error, job):
    print(job.type)  #: Job.type
    await job.set_error_status(f"no {error}")  \
#: an exception handler that throws an error without a code
async def mistaken(error, job):
    await job.set_error_status(job)  \
#: an exception handler that passes the job as the message

worker = ZeebeWorker(None)  #: ZeebeWorker(…)

@worker.task(task_type="a", exception_handler=fails)  \
#: the handler of 'a' | task(exception_handler=…)
async def a(job: Job):  #: job: Job
    await job.set_failure_status("no")  #: Job.set_failure_status

worker.task("b", throws)(print)  #: the handler of 'b' | task(exception_handler=…)
worker.task("c", throws_nothing)(print)  #: the handler of 'c' | task(exception_handler=…)
worker.task("d", mistaken)(print)  #: the handler of 'd' | task(exception_handler=…)
"""

CHANNELS_OF_GRPC = """
import grpc
from grpc import aio
from pyzeebe import ZeebeWorker  #: from pyzeebe import ZeebeWorker

billing = grpc.insecure_channel("billing:50051")
worker = ZeebeWorker(grpc.aio.insecure_channel("zeebe:26500"))  \
#: ZeebeWorker(…) | grpc.aio.insecure_channel(…)
channel = aio.secure_channel("zeebe", None, interceptors=[])  #: aio.secure_channel(…)
"""

UNTYPED = """
import pyzeebe  #: import pyzeebe

def register(worker, registry):
    @worker.task("a")  #: the handler of 'a'
    def a(x):  #: x
        pass

    @registry.task(task_type=pyzeebe.__name__)  #: the handler of pyzeebe.__name__
    def b(x):  #: x
        pass

async def publish(broker, celery):
    await broker.run_process(bpmn_process_id="p")  \
#: broker.run_process | run_process(bpmn_process_id=…)

    @celery.task("not ours")
    def c(x):
        pass
"""

TESTS = """
import logging
import pytest
from importlib import import_module
from importlib.metadata import version
from unittest.mock import patch

print(version("pyzeebe"), "pyzeebe")
pytest.importorskip("pyzeebe")  #: importorskip('pyzeebe')
logging.getLogger("pyzeebe.worker")  #: getLogger('pyzeebe.worker')

def test_it():
    module = import_module("pyzeebe.client")  #: import_module('pyzeebe.client')
    with patch("pyzeebe.ZeebeClient.run_process"):  #: patch('pyzeebe.ZeebeClient.run_process')
        pass
"""

INHERITED = """
from pyzeebe import ZeebeWorker  #: from pyzeebe import ZeebeWorker
from pyzeebe.errors import BusinessError  #: from pyzeebe.errors import BusinessError

class NoMoney(BusinessError):  #: BusinessError
    def __init__(self):
        super().__init__("no-money")

class OurWorker(ZeebeWorker):
    pass

worker = OurWorker(None)  #: ZeebeWorker(…)

@worker.task(task_type="pay")  #: the handler of 'pay'
async def pay():  #: pay()
    raise NoMoney
"""

REGISTERED = """
import functools
from pyzeebe import ZeebeRouter, ZeebeWorker  #: from pyzeebe import ZeebeWorker \
| from pyzeebe import ZeebeRouter

worker = ZeebeWorker(None)  #: ZeebeWorker(…)
task = worker.task
slow = functools.partial(worker.task, timeout_ms=60_000)

@task(task_type="alias")  #: the handler of 'alias'
async def alias(a): ...  #: a

@slow("partial")  #: the handler of 'partial'
async def partial(b): ...  #: b

def ours(task_type):
    return lambda function: worker.task(task_type)(function)  #: the handler of task_type

for name in ("x", "y"):
    worker.task(name)(lambda z: {"z": z})  #: the handler of name

async def first(e, **rest): ...  #: e | **rest
def second(f: int): ...  #: f: int
class Third:
    def run(self, g): ...  #: g
third = Third()
TABLE = {"first": first, "second": functools.partial(second, f=1), "third": third.run}
for task_type, handler in TABLE.items():
    worker.task(task_type)(handler)  #: the handler of task_type

class App:
    worker: ZeebeWorker

    @property
    def own(self) -> ZeebeWorker:
        return self._own

    def register(self):
        @self.own.task(task_type="own")  #: the handler of 'own'
        def own(c): ...  #: c

@App().worker.task("app")  #: the handler of 'app'
def app(d): ...  #: d
"""

PROGRAMS = {
    "quickstart": QUICKSTART,
    "aliased": ALIASED,
    "starred": STARRED,
    "exception handlers": EXCEPTION_HANDLERS,
    "decorators": DECORATORS,
    "lying annotations": LYING,
    "fastapi": FASTAPI,
    "flask": FLASK,
    "pyzeebe 2": OLD,
    "channels of grpc": CHANNELS_OF_GRPC,
    "exception handlers of pyzeebe 3": EXCEPTION_HANDLERS_OF_3,
    "untyped": UNTYPED,
    "tests": TESTS,
    "inherited": INHERITED,
    "registered in other ways": REGISTERED,
}
