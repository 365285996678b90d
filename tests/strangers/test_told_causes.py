"""An attempt that fails is told with what was raised, where, and what led to it: one fault each."""

import asyncio
import concurrent.futures
import smtplib
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from loguru import logger
from pydantic import BaseModel
from tests.support.one_handler import ONCE, serving

from workflow_runtime import BpmnError, Retry, TaskHandlerConfig, WorkflowIncident
from workflow_runtime._log.failures import failure_of
from workflow_runtime._worker.failure_text import describe
from workflow_runtime.observers import Observer

HERE = Path(__file__).name


def away():
    raise TimeoutError("no answer of card 4111")


def raises(error):
    raise error


def connect():
    try:
        away()
    except TimeoutError as error:
        raise ConnectionError("mail of ann@example.org") from error


async def explicit(task):
    connect()


async def implicit(task):
    try:
        away()
    except TimeoutError:
        {}["host"]


async def retry_from(task):
    try:
        connect()
    except ConnectionError as error:
        raise Retry(30, "the mail server is away") from error


async def retry_within(task):
    try:
        connect()
    except ConnectionError:
        raise Retry(30)  # noqa: B904 - as people write it


async def retry_of(task):
    try:
        connect()
    except ConnectionError as error:
        kept = error
    raise Retry(30, kept)


def in_a_thread(task):
    connect()


async def in_a_group(task):
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(connect))


async def several_at_once(task):
    async def fail(error):
        raise error

    async with asyncio.TaskGroup() as group:
        group.create_task(fail(ValueError("secret")))
        group.create_task(fail(KeyError("secret")))


async def too_late(task):
    async with asyncio.timeout(0):
        await asyncio.sleep(60)


async def of_a_library(task):
    # No name of a host that is looked up: a port where nobody listens.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        smtplib.SMTP("127.0.0.1", taken.getsockname()[1])


async def of_another_process(task):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(connect).result()


class Order(BaseModel):
    amount: int


async def that_does_not_fit(task):
    Order(amount="secret")


TOLD = [
    (explicit, "ConnectionError in connect (", "caused by TimeoutError in away ("),
    (implicit, "KeyError in implicit (", "while handling TimeoutError in away ("),
    (retry_from, "ConnectionError in connect (", "raised as Retry, caused by TimeoutError in away"),
    (retry_within, "ConnectionError in connect (", "raised as Retry, caused by TimeoutError"),
    (retry_of, "ConnectionError in connect (", "raised as Retry, caused by TimeoutError"),
    (in_a_thread, "ConnectionError in connect (", "caused by TimeoutError in away ("),
    (in_a_group, "ConnectionError in connect (", "raised as ExceptionGroup, caused by Timeout"),
    (several_at_once, "ExceptionGroup in several_at_once (", " of 2 (ValueError in fail ("),
    (too_late, "TimeoutError in too_late (", ""),
    (of_a_library, "ConnectionRefusedError in of_a_library (", ""),
    (of_another_process, "ConnectionError in connect (", "caused by TimeoutError in away ("),
    (that_does_not_fit, "ValidationError in that_does_not_fit (", ""),
]


@contextmanager
def heard():
    lines = []
    sink = logger.add(lambda line: lines.append(line.record["message"]), format="{message}")
    try:
        yield lines
    finally:
        logger.remove(sink)


class Watcher(Observer):
    def __init__(self):
        self.failures, self.alerts = [], []

    def job_failed(self, job, failure):
        self.failures.append(failure)

    def incident_raised(self, alert):
        self.alerts.append(alert)


async def played(handler, config=ONCE):
    """The lines of one attempt, what watchers are told, and what the engine took."""
    watcher = Watcher()
    with heard() as lines:
        async with serving(handler, config, observers=[watcher]) as stand:
            await stand.start()
            await stand.ended()
            end = stand.ends[0]
    return [line for line in lines if "failed" in line], watcher, end


@pytest.mark.parametrize(("handler", "what", "why"), TOLD, ids=[each[0].__name__ for each in TOLD])
async def test_log_and_watchers_are_told_the_fault_and_its_cause(handler, what, why):
    lines, watcher, _ = await played(handler)
    (line,) = lines
    assert "order_work: attempt 1 failed, 2 left: " in line
    assert what in line
    assert HERE in line
    assert why in line
    (failure,) = watcher.failures
    assert failure.words() in line
    assert what.startswith(failure.kind)


@pytest.mark.parametrize("handler", [each[0] for each in TOLD])
async def test_no_text_of_an_exception_is_in_the_log_unless_it_is_wanted(handler):
    ((line,), _, _) = await played(handler)
    assert not any(text in line for text in ("secret", "4111", "example.org"))


@pytest.mark.parametrize("handler", [explicit, retry_of, in_a_group])
async def test_with_the_setting_the_log_has_the_texts_too(handler, monkeypatch):
    monkeypatch.setenv("WORKFLOW_LOG_EXCEPTION_TEXTS", "true")
    ((line,), _, _) = await played(handler)
    assert "ConnectionError: mail of ann@example.org, in connect (" in line
    assert "caused by TimeoutError: no answer of card 4111, in away (" in line


@pytest.mark.parametrize(
    "handler", [explicit, retry_from, retry_within, retry_of, in_a_thread, in_a_group]
)
async def test_the_engine_and_alerts_are_told_the_cause_with_its_text(handler):
    _, watcher, end = await played(handler, TaskHandlerConfig(incident_max_retries=1))
    head, _, trace = end.message.partition("\n\n")
    assert "ConnectionError: mail of ann@example.org" in head
    assert "\ncaused by TimeoutError: no answer of card 4111, in away (" in head
    assert "in connect" in trace
    assert watcher.alerts[0].message == end.message
    assert watcher.alerts[0].attempts == (end.message,)


async def test_a_password_in_the_address_that_a_library_shows_goes_nowhere(monkeypatch):
    monkeypatch.setenv("WORKFLOW_LOG_EXCEPTION_TEXTS", "true")

    # Not in the line that raises it: the engine is shown that.
    secret = "cannot reach https://mail:hunter2hunter2@mail.example.org/send"

    async def handler(task):
        try:
            raises(OSError(secret))
        except OSError as error:
            raise Retry(30) from error

    ((line,), watcher, end) = await played(handler)
    for told in (line, end.message, watcher.failures[0].text):
        assert "mail.example.org" in told
        assert "hunter2" not in told


async def test_what_a_retry_says_itself_comes_before_what_it_wraps():
    _, _, end = await played(retry_from)
    assert end.message.startswith("the mail server is away\ncaused by ConnectionError: mail of ")


async def test_an_incident_on_purpose_is_told_with_what_led_to_it():
    async def handler(task):
        try:
            connect()
        except ConnectionError as error:
            raise WorkflowIncident("order 5 needs a person") from error

    (line,), watcher, end = await played(handler)
    assert "attempt 1 failed, an incident: ConnectionError in connect (" in line
    assert end.message.startswith("order 5 needs a person\ncaused by ConnectionError: mail of ann")
    assert watcher.alerts[0].message == end.message


async def test_a_bpmn_error_that_nobody_catches_is_told_with_what_it_wraps():
    async def handler(task):
        try:
            connect()
        except ConnectionError as error:
            raise BpmnError("MAIL", error) from error

    lines, watcher, end = await played(handler)
    assert (end.intent, end.code, end.message) == (
        "ERROR_THROWN",
        "MAIL",
        "mail of ann@example.org",
    )
    # The diagram decides: the attempt has not failed.
    assert lines == []
    assert [each.kind for each in watcher.failures] == ["ConnectionError"]


async def test_what_is_raised_as_something_else_is_not_counted_with_the_rest():
    handlers = iter([explicit, retry_from, in_a_group])

    async def handler(task):
        await next(handlers)(task)

    with heard() as lines:
        async with serving(handler) as stand:
            for _ in range(3):
                await stand.start()
            await stand.ended(3)
    told = [line for line in lines if "attempt 1 failed" in line]
    assert len(told) == 3
    assert sum("raised as Retry" in line for line in told) == 1
    assert sum("raised as ExceptionGroup" in line for line in told) == 1


def test_whatever_is_raised_can_be_told():
    class Broken(Exception):
        __cause__ = property(lambda _: 1 / 0)
        __traceback__ = property(lambda _: 1 / 0)

        def __str__(self):
            raise SystemExit

    circle = ValueError("a")
    circle.__cause__ = KeyError("b")
    circle.__cause__.__cause__ = circle
    around = asyncio.CancelledError()
    around.__cause__ = around
    after = TimeoutError()
    after.__cause__ = around
    nested = ValueError("leaf")
    for _ in range(2000):
        nested = ExceptionGroup("group", [nested])
    long = ValueError("x" * 1_000_000)
    for error in (Broken(), circle, after, nested, long, ValueError("\ud800")):
        words = failure_of(error).words(texts=True)
        assert len(words) < 5_000
        assert words.encode()
        assert len(describe(error)) < 5_000
    assert failure_of(nested).kind == "ValueError"


def test_a_recursion_without_end_is_told_in_one_line():
    def fall():
        fall()

    with pytest.raises(RecursionError) as raised:
        fall()
    assert failure_of(raised.value).words().startswith("RecursionError in fall (")


def test_a_service_that_is_installed_as_a_package_has_its_own_place(tmp_path):
    shop = tmp_path / "site-packages" / "shop"
    client = tmp_path / "site-packages" / "client"
    for package, code in (
        (client, "def connect():\n    raise ConnectionError\n"),
        (shop, "import client\ndef send():\n    client.connect()\n"),
    ):
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(code)
    program = (
        "from workflow_runtime._log.failures import kind_and_place\nimport shop\n"
        "try:\n    shop.send()\nexcept ConnectionError as error:\n"
        "    error.__traceback__ = error.__traceback__.tb_next\n"
        "    print(kind_and_place(error))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(shop.parent)!r})\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("ConnectionError in send (")
