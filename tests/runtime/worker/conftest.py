import asyncio
from datetime import timedelta

import pytest
from tests.runtime.worker import fake_gateway as fake

from workflow_runtime import TaskHandlerConfig, WorkflowBuilder, WorkflowSettings
from workflow_runtime._worker import worker
from workflow_runtime.observers import Observer


class Recorder(Observer):
    def __init__(self):
        self.ends, self.incidents, self.resent = [], [], []

    def job_ended(self, job, outcome, seconds, wait_seconds):
        self.ends.append(outcome)

    def incident_raised(self, alert):
        self.incidents.append(alert)

    def command_resent(self, command, status):
        self.resent.append((command, status))


class Crowd:
    """A handler that knows how many of its runs there were at once, at most, and for which jobs."""

    def __init__(self):
        self.running, self.most, self.keys = 0, 0, []

    async def handler(self, task):
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.001)
        self.running -= 1
        self.keys.append(task.job.key)


@pytest.fixture
def crowd():
    return Crowd()


@pytest.fixture
def new_job():
    return fake.job


@pytest.fixture
async def gateway():
    return fake.FakeGateway()


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def build(gateway, recorder, monkeypatch):
    monkeypatch.setattr(worker, "_LATE_JOBS", 0.05)

    def make(handler, config=None, **settings):
        settings = WorkflowSettings(
            service_name="test", grace=settings.pop("grace", timedelta(seconds=5)), **settings
        )
        builder = WorkflowBuilder(settings=settings, gateway=gateway, observers=[recorder])
        return builder.with_handler("work", handler, config or TaskHandlerConfig())

    return make
