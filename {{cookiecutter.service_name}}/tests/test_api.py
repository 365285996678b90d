"""The HTTP API against the process on the embedded engine."""

from httpx import ASGITransport, AsyncClient
from workflow_devkit.testing import Process, ProcessEnvironment
from workflow_runtime.gateway.errors import FailedPrecondition
{% if cookiecutter.outbox != "none" %}
from workflow_runtime.publishing.outbox import Outbox
{% endif %}

from {{ cookiecutter.__package }}.api import create_app
from {{ cookiecutter.__package }}.main import build


def client_of(process: Process) -> AsyncClient:
    """A client that talks to the application without a network."""
    transport = ASGITransport(create_app(process.workflow))
    return AsyncClient(transport=transport, base_url="http://service")


async def test_a_registration_that_is_confirmed_goes_on(
    process_environment: ProcessEnvironment,
) -> None:
    async with process_environment(build()) as process, client_of(process) as client:
        started = await client.post("/registrations", json={"userId": "ann"})
        assert started.status_code == 202
        assert started.json()["instance_key"].isdigit()

        confirmed = await client.post("/registrations/ann/confirmation")
        assert confirmed.status_code == 202


async def test_a_registration_without_user_is_refused(
    process_environment: ProcessEnvironment,
) -> None:
    async with process_environment(build()) as process, client_of(process) as client:
        refused = await client.post("/registrations", json={"plan": "premium"})
        assert refused.status_code == 422


async def test_an_engine_that_refuses_is_no_error_of_the_caller(
    process_environment: ProcessEnvironment,
) -> None:
    async with process_environment(build()) as process, client_of(process) as client:
        process.faults.refuse("create_instance", FailedPrecondition("not now"))
        refused = await client.post("/registrations", json={"userId": "ann"})
        assert refused.status_code == 503
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.headers["Retry-After"] == "5"
        assert "try again" in refused.json()["detail"]


async def test_a_start_whose_answer_is_lost_is_not_invited_to_be_sent_again(
    process_environment: ProcessEnvironment,
) -> None:
    async with process_environment(build()) as process, client_of(process) as client:
        process.faults.lose_answer("create_instance")
        unknown = await client.post("/registrations", json={"userId": "ann"})
        assert unknown.status_code == 504
        assert "may have been done" in unknown.json()["detail"]
        assert process.faults.calls.count("create_instance") == 1
{% if cookiecutter.outbox != "none" %}


async def test_an_event_that_cannot_be_stored_is_no_error_of_the_caller(
    process_environment: ProcessEnvironment,
) -> None:
{% if cookiecutter.outbox == "sqlite" %}
    away = Outbox("sqlite+aiosqlite:////no/such/folder/outbox.db")
{% else %}
    away = Outbox("postgresql+asyncpg://nobody@127.0.0.1:1/none")
{% endif %}
    async with process_environment(build()) as process:
        transport = ASGITransport(create_app(process.workflow, away))
        async with AsyncClient(transport=transport, base_url="http://service") as client:
            refused = await client.post("/registrations/ann/confirmation")
        assert refused.status_code == 503
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert "could not be stored" in refused.json()["detail"]
{% endif %}
