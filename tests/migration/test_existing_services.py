"""FastAPI, Flask and Django services take the runtime in, by the lines of the page alone."""

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.error import HTTPError

import pytest
from tests.migration import existing
from tests.support.waiting import PATIENCE

from workflow_runtime import WorkflowBuilder, WorkflowSettings

SERVED = [
    (framework, command)
    for framework in ("FastAPI", "Flask", "Django")
    for command in existing.commands(framework)
]
RELOADED = {"python dev.py", "python manage.py runserver"}
"""Servers whose first process only watches files, and kills the other one at Ctrl-C."""
BY_A_TERMINAL = {"flask run", "python manage.py runserver --noreload"} | RELOADED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def binaries(tmp_path_factory):
    """The ``bin`` of the environment of a framework, made once."""
    made = {}

    def of(framework):
        if framework not in made:
            made[framework] = existing.install(tmp_path_factory.mktemp(framework), framework)
        return made[framework]

    return of


@pytest.fixture
def gateway():
    with existing.engine() as address:
        yield address


@pytest.fixture
def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def start(binaries, gateway, free_port, tmp_path):
    @contextmanager
    def started(framework, command):
        found = binaries(framework)
        existing.write(tmp_path, framework, found, free_port)
        with existing.serving(tmp_path, found, command, free_port, gateway) as service:
            service.ready()
            yield service

    return started


@pytest.fixture
def probe(gateway):
    """A service of the test's own, which looks at the engine: it has no handlers."""
    settings = WorkflowSettings(service_name="probe", address=gateway)
    with WorkflowBuilder(settings=settings).start_in_thread() as workflow:
        yield workflow


@pytest.fixture
def waiting():
    """A thread for what waits; it is not waited for where the test has failed."""
    threads = ThreadPoolExecutor(1)
    yield threads
    threads.shutdown(wait=False)


@pytest.mark.parametrize(("framework", "command"), SERVED)
def test_requests_start_processes_and_publish_and_the_end_drains(
    framework, command, start, probe, waiting
):
    with start(framework, command) as service:
        # A request starts an instance, and the handler runs.
        assert service.ask("/orders/first")["instance"] > 0
        worked = {service.noted("has reserved", "first")}
        # A request publishes an event, which goes on with it.
        assert service.ask("/orders/first/paid") == {"event": "published"}
        # Each process that serves takes jobs; the one that only watches or forks takes none.
        while len(worked) < (2 if "--workers 2" in command else 1):
            service.ask("/orders/more")
            worked |= set(service.notes("has reserved"))
        if "workers" in command or command in RELOADED or "gunicorn" in command:
            assert service.process.pid not in worked
        # A handler that runs comes to its end, and so does its job.
        slow = waiting.submit(
            probe.start_process_and_wait, "order", {"order_id": "slow"}, timeout=120
        )
        service.noted("begins", "slow")
        service.tell(signal.SIGINT if command in BY_A_TERMINAL else signal.SIGTERM)
        (service.folder / "go-on").touch()
        service.process.wait(PATIENCE)
        assert "Traceback" not in service.output()
    if command not in RELOADED:
        assert service.notes("has reserved", "slow"), "the handler was cut off"
        probe.publish_event("order_paid", correlation_key="slow")
        assert slow.result()["reserved"] == service.noted("has reserved", "slow")


def test_a_synchronous_main_function_starts_processes_and_drains_at_sigterm(
    binaries, gateway, tmp_path, free_port
):
    found = binaries("scripts")
    existing.write(tmp_path, "scripts", found, free_port)
    with existing.serving(tmp_path, found, "python main.py", free_port, gateway) as service:
        service.process.stdin.write("slow\n")
        service.process.stdin.flush()
        service.noted("begins", "slow")
        service.tell(signal.SIGTERM)
        (tmp_path / "go-on").touch()
        assert service.process.wait(PATIENCE) == 0, service.output()
        assert service.notes("has reserved", "slow")
    with existing.serving(tmp_path, found, "python tell.py slow", free_port, gateway) as told:
        assert told.process.wait(PATIENCE) == 0, told.output()


def test_a_command_of_django_neither_connects_nor_takes_jobs(
    binaries, gateway, tmp_path, free_port
):
    found = binaries("Django")
    existing.write(tmp_path, "Django", found, free_port)
    command = "python manage.py check"
    with existing.serving(tmp_path, found, command, free_port, gateway) as service:
        assert service.process.wait(PATIENCE) == 0, service.output()
    assert "deployed" not in service.output()


@pytest.mark.parametrize("framework", ["FastAPI", "Flask"])
def test_tests_of_the_application_use_no_gateway_that_the_shell_has(
    framework, binaries, free_port, tmp_path
):
    found = binaries(framework)
    existing.write(tmp_path, framework, found, free_port)
    with existing.serving(
        tmp_path, found, "pytest -s -p no:cacheprovider", free_port, "https://production.invalid"
    ) as tests:
        assert tests.process.wait(PATIENCE) == 0, tests.output()
    assert "the address is embedded://" in tests.output()
    assert "production.invalid" not in tests.output()


LOGS = {
    "logged": (
        '"reserving first", "logger": "root", "service": "shop", "process_id": "order"',
        '"deployed: order v1", "logger": "workflow_runtime.deployment", "service": "shop"',
    ),
    "handed_on": (
        "INFO of root: reserving first",
        "INFO of workflow_runtime.deployment: deployed: order v1",
    ),
}
"""Modules of the page, and lines that come with them."""


@pytest.mark.parametrize("module", LOGS)
def test_lines_of_the_service_and_of_the_runtime_come_in_one_form(
    module, binaries, gateway, free_port, tmp_path
):
    found = binaries("FastAPI")
    existing.write(tmp_path, "FastAPI", found, free_port)
    set_up = "logging.basicConfig(level='INFO', format='%(levelname)s of %(name)s: %(message)s')"
    for file, head in (("app", f"{set_up}\nimport {module}"), ("shop", "")):
        code = (tmp_path / f"{file}.py").read_text()
        code = code.replace(
            "    note(f", "    logging.info('reserving %s', order_id)\n    note(f", 1
        )
        (tmp_path / f"{file}.py").write_text(f"import logging\n{head}\n{code}")
    with existing.serving(tmp_path, found, "uvicorn app:app", free_port, gateway) as service:
        service.ready()
        service.ask("/orders/first")
        service.noted("has reserved", "first")
        service.tell(signal.SIGTERM)
        service.process.wait(PATIENCE)
    for line in (*LOGS[module], '"POST /orders/first HTTP/1.1" 200'):
        assert service.output().count(line) == 1, service.output()


def test_a_service_that_is_started_before_its_workers_are_forked_is_named(
    binaries, gateway, tmp_path, free_port
):
    found = binaries("Flask")
    existing.write(tmp_path, "Flask", found, free_port)
    (tmp_path / "gunicorn.conf.py").unlink()
    with (tmp_path / "app.py").open("a") as app:
        app.write("\nworkflow()\n")
    command = "gunicorn app:app --preload"
    with existing.serving(tmp_path, found, command, free_port, gateway) as service:
        service.listens()
        with pytest.raises(HTTPError, match="500"):
            service.ask("/orders/first")
        service.tell(signal.SIGTERM)
        service.process.wait(PATIENCE)
        assert "post_worker_init" in service.output()
