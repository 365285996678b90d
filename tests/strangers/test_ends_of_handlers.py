"""What handlers raise and return, as strangers write it: each end is one command, no silence."""

import dataclasses
import enum
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import NamedTuple

import pytest
from loguru import logger
from pydantic import BaseModel, computed_field, field_serializer
from tests.support.one_handler import ONCE, end_of, serving

from workflow_runtime import (
    BpmnError,
    Retry,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowIncident,
)
from workflow_runtime.observers import Observer


class Codes(enum.Enum):
    CARD = "card"
    NUMBER = 402
    PAIR = (1, 2)


class StrCodes(enum.StrEnum):
    CARD = "card"


class MixedCodes(str, enum.Enum):  # noqa: UP042 - as code before Python 3.11 has it
    CARD = "card"


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError


class Reluctant(Mapping):
    """A lazy mapping whose database is away."""

    def __init__(self, error):
        self.error = error

    def __getitem__(self, name):
        raise self.error

    def __iter__(self):
        raise self.error

    def __len__(self):
        return 1


class Coded(BpmnError):
    code = "card"

    def __init__(self, card):
        self.card = card


class Uncoded(BpmnError):
    def __init__(self, card):
        self.card = card


class Broken(BpmnError):
    @property
    def code(self):
        raise LookupError("no code today")

    def __init__(self):
        pass


class Classless(Exception):
    """As a proxy whose target is away."""

    @property
    def __class__(self):
        raise LookupError("no class today")


class Closed(Exception):
    """As a proxy that gives nothing away, not even what every exception has."""

    def __getattribute__(self, name):
        raise LookupError(f"no {name} today")


class Patient(Retry):
    delay = 30

    def __init__(self, bank):
        self.bank = bank


class Silent(Retry):
    def __init__(self):
        pass


def raising(make):
    async def handler(task):
        raise make()

    return handler


def returning(make):
    async def handler(task):
        return make()

    return handler


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: BpmnError(402, "declined"), "402"),
        (lambda: BpmnError(HTTPStatus.PAYMENT_REQUIRED), "402"),
        (lambda: BpmnError(Codes.CARD), "card"),
        (lambda: BpmnError(Codes.NUMBER), "402"),
        (lambda: BpmnError(StrCodes.CARD), "card"),
        (lambda: BpmnError(MixedCodes.CARD), "card"),
        (lambda: Coded("4111"), "card"),
    ],
    ids=["int", "IntEnum", "Enum", "Enum of int", "StrEnum", "str and Enum", "class attribute"],
)
async def test_a_code_that_is_clearly_meant_is_thrown(make, code):
    end = await end_of(raising(make))
    assert (end.intent, end.code) == ("ERROR_THROWN", code)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (ValueError("declined"), "declined"),
        (TimeoutError(), "TimeoutError"),
        (None, ""),
        (402, "402"),
        (Unspeakable(), "its text cannot be had"),
    ],
    ids=["exception", "exception without a text", "None", "number", "no text"],
)
async def test_a_message_is_whatever_text_it_has(message, text):
    end = await end_of(raising(lambda: BpmnError("card", message)))
    assert (end.code, end.message) == ("card", text)
    if message is not None:
        told = (await end_of(raising(lambda: Retry(30, message)))).message
        assert told.split("\n")[0] == text
        assert ("caused by " in told) == isinstance(message, Exception)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda: BpmnError(None), "NoneType"),
        (lambda: BpmnError(""), "empty"),
        (lambda: BpmnError(" "), "empty"),
        (lambda: BpmnError(True), "bool"),
        (lambda: BpmnError(4.2), "float"),
        (lambda: BpmnError(ValueError("x")), "ValueError"),
        (lambda: BpmnError(10**5000), "int"),
        (lambda: BpmnError(Codes.PAIR), "tuple"),
        (lambda: Uncoded("4111"), "Uncoded has no code"),
        (Broken, "no code today"),
        (Classless, "no class today"),
        (Closed, "the handler's end cannot be told: LookupError: no __class__ today"),
        (lambda: BpmnError("card", scope=Reluctant(OSError("away"))), "OSError: away"),
        (lambda: BpmnError("card", scope=[1]), "list"),
        (lambda: BpmnError("card", scope={"a": object()}), "'a'"),
        (lambda: Retry("soon"), "Retry: its delay"),
        (lambda: Retry(float("inf")), "Retry: its delay"),
        (lambda: Retry(1e300), "Retry: its delay"),
        (lambda: WorkflowIncident(TimeoutError()), "TimeoutError"),
        (lambda: WorkflowIncident(Unspeakable()), "its text cannot be had"),
    ],
)  # fmt: skip
async def test_what_cannot_become_a_command_is_an_incident_that_names_its_cause(make, cause):
    end = await end_of(raising(make))
    assert end.is_incident
    assert cause in end.message


@pytest.mark.parametrize(
    ("make", "seconds"),
    [
        (lambda: Retry(0.5), 0.5),
        (lambda: Retry(-3), 0),
        (lambda: Retry(Decimal(3)), 3),
        (lambda: Retry("3"), 3),
        (lambda: Retry(timedelta.max), timedelta.max.total_seconds()),
        (lambda: Patient("bank"), 30),
        (Silent, 3600),
        (lambda: Retry(None), 3600),
    ],
    ids=["float", "negative", "decimal", "text", "longest", "class attribute", "none", "None"],
)
@pytest.mark.parametrize("over_grpc", [False, True], ids=["in process", "gRPC"])
async def test_a_retry_waits_as_long_as_is_clearly_meant(make, seconds, over_grpc):
    # Without any wait the job would be back before the service stops.
    end = (await ends_until_first(make, over_grpc))[0]
    assert (end.intent, end.retries) == ("FAILED", 2)
    assert end.backoff == pytest.approx(seconds * 1000)


async def ends_until_first(make, over_grpc):
    async with serving(raising(make), over_grpc=over_grpc) as stand:
        await stand.start()
        return await stand.ended()


class Priced(BaseModel):
    amount: int

    @computed_field
    @property
    def total(self) -> int:
        raise LookupError("no price")


class Written(BaseModel):
    amount: int

    @field_serializer("amount")
    def write(self, amount):
        raise ConnectionError("away")


class Holding(BaseModel, arbitrary_types_allowed=True):
    thing: object


class Unprintable:
    def __repr__(self):
        raise RuntimeError


class Impatient:
    def __iter__(self):
        raise SystemExit(3)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda: Priced(amount=1), "no price"),
        (lambda: {"order": Priced(amount=1)}, "no price"),
        (lambda: Written(amount=1), "away"),
        (lambda: Holding(thing=object()), "object"),
        (lambda: Reluctant(OSError("away")), "OSError: away"),
        (lambda: Reluctant(KeyError("row")), "KeyError: 'row'"),
        (lambda: Reluctant(KeyboardInterrupt()), "KeyboardInterrupt"),
        (lambda: Reluctant(SystemExit(3)), "SystemExit"),
        (lambda: {"rows": Reluctant(OSError("away"))}, "'rows'"),
        (lambda: {"x": Unprintable()}, "Unprintable"),
        (lambda: {"ok": 1, "x": float("nan")}, "'x'"),
        (lambda: {"x": [1, {"y": float("inf")}]}, "'x'"),
        (lambda: {"x": b"\xff"}, "'x'"),
        (lambda: {"ok": 1, "\udcff": 1}, r"'\udcff'"),
        (lambda: {"x": {(1, 2): 3}}, "'x'"),
        (lambda: {None: 1}, "names of variables must be text"),
        (lambda: (n for n in ()), "return, not yield"),
        (Impatient, "Impatient"),
        (lambda: [("a", 1)], "list"),
        (lambda: "done", "str"),
    ],
)  # fmt: skip
async def test_a_result_that_breaks_is_an_incident_that_names_its_cause(make, cause):
    end = await end_of(returning(make))
    assert end.is_incident
    assert "no JSON object" in end.message
    assert cause in end.message


@dataclasses.dataclass
class Charge:
    charged: bool


class Named(NamedTuple):
    charged: bool


@pytest.mark.parametrize(
    "make",
    [
        lambda: Charge(charged=True),
        lambda: Named(charged=True),
        lambda: type("Lazy", (dict,), {})(charged=True),
    ],
    ids=["dataclass", "named tuple", "subclass of dict"],
)
async def test_a_result_that_is_clearly_meant_completes(make):
    end = await end_of(returning(make))
    assert (end.intent, end.variables) == ("COMPLETED", {"charged": True})


class Bold(Observer):
    """An observer whose every word raises what not even `except Exception` holds."""

    def __init__(self, error):
        self.error = error

    def job_activated(self, job):
        raise self.error

    def job_started(self, job):
        raise self.error

    def job_ended(self, job, outcome, seconds, wait_seconds):
        raise self.error

    def incident_raised(self, alert):
        raise self.error


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("result", [{"a": 1}, WorkflowIncident("no")], ids=["good", "incident"])
async def test_a_watcher_that_raises_changes_nothing(error, result):
    calls = []

    async def handler(task):
        calls.append(task.job.key)
        if isinstance(result, Exception):
            raise result
        return result

    async with serving(handler, observers=[Bold(error)]) as stand:
        for count in (1, 2):
            await stand.start()
            await stand.ended(count)
    assert len(calls) == len(stand.ends) == 2
    wanted = "COMPLETED" if isinstance(result, dict) else "FAILED"
    assert {end.intent for end in stand.ends} == {wanted}


async def test_a_sink_of_the_logs_that_raises_changes_nothing():
    def sink(message):
        raise RuntimeError("disk full")

    number = logger.add(sink, catch=False)
    try:
        end = await end_of(raising(lambda: ValueError("no")), observers=[Bold(ValueError("x"))])
    finally:
        logger.remove(number)
    assert (end.intent, end.retries) == ("FAILED", 2)


class Torn:
    """Dependencies whose end fails, as a commit does."""

    def for_job(self):
        return self

    async def __aenter__(self):
        return lambda kind: Charge(charged=False)

    async def __aexit__(self, *reason):
        raise OSError("commit failed")


async def test_dependencies_that_fail_at_their_end_are_one_failed_attempt():
    async def handler(task, charge: Charge):
        return {"a": 1}

    end = await end_of(handler, resolver=Torn())
    assert (end.intent, end.retries) == ("FAILED", 2)
    assert end.message.startswith("OSError: commit failed")


async def test_an_end_that_the_line_cannot_carry_is_an_incident_and_no_second_run():
    calls = []

    async def handler(task):
        calls.append(1)
        raise ValueError("no")

    # More than the protocol's 32 bits.
    config = TaskHandlerConfig(incident_max_retries=2**40)
    async with serving(handler, config, over_grpc=True) as stand:
        await stand.start()
        (end,) = await stand.ended()
    assert end.is_incident
    assert "FailJob was refused" in end.message
    assert calls == [1]


async def test_a_type_that_is_not_retryable_may_be_any_exception():
    config = dataclasses.replace(ONCE, retry_policy=RetryPolicy(non_retryable=[Unspeakable]))
    end = await end_of(raising(Unspeakable), config)
    assert end.is_incident
    assert end.message.startswith("Unspeakable: its text cannot be had")
