"""Dependencies that break, swallow or translate at their end: the handler has said what happens."""

import contextlib
from contextlib import asynccontextmanager

import pytest
from dishka import Provider, Scope, make_async_container
from tests.support.logs import logs
from tests.support.one_handler import end_of

from workflow_runtime import BpmnError, DishkaResolver, Retry, WorkflowIncident


class Session:
    """What handlers ask for."""


class Closing:
    """A resolver whose end does what it is told; it is given the handler's exception."""

    def __init__(self, close):
        self.close = close

    @asynccontextmanager
    async def for_job(self):
        try:
            yield lambda kind: kind()
        except Exception as error:  # noqa: BLE001 - as a resolver may
            self.close(error)
        else:
            self.close(None)


def torn(_error):
    raise OSError("secret: rollback failed")


def swallow(_error):
    pass


def declined(error):
    raise BpmnError("declined") from error


def again(_error):
    raise Retry(0)


class Line:
    """A connection by the class-based protocol, which answers that all is well."""

    async def __aenter__(self):
        return lambda kind: kind()

    async def __aexit__(self, *error):
        return True


class Lines:
    def for_job(self):
        return Line()


async def _session():
    yield Session()
    raise OSError("rollback failed")


def dishka():
    provider = Provider(scope=Scope.REQUEST)
    provider.provide(_session, provides=Session)
    return DishkaResolver(make_async_container(provider))


RESOLVERS = {
    "torn": lambda: Closing(torn),
    "swallowing": lambda: Closing(swallow),
    "declining": lambda: Closing(declined),
    "again": lambda: Closing(again),
    "class": Lines,
    "dishka": dishka,
}


@pytest.mark.parametrize("resolver", RESOLVERS)
@pytest.mark.parametrize(
    ("raised", "intent", "retries", "said"),
    [
        (WorkflowIncident("no such order"), "FAILED", 0, "no such order"),
        (BpmnError("card", "empty"), "ERROR_THROWN", None, "card"),
        (Retry(5, "later"), "FAILED", 2, "later"),
    ],
    ids=["incident", "error", "retry"],
)
@pytest.mark.parametrize("in_thread", [False, True], ids=["async", "def"])
async def test_what_the_handler_said_becomes_of_its_job(
    resolver, raised, intent, retries, said, in_thread
):
    async def handler(task, session: Session):
        raise raised

    def blocking(task, session: Session):
        raise raised

    end = await end_of(blocking if in_thread else handler, resolver=RESOLVERS[resolver]())
    assert end.intent == intent
    assert retries is None or end.retries == retries
    assert said in (end.code, end.message) or said in end.message


@pytest.mark.parametrize("resolver", ["torn", "swallowing", "again", "class", "dishka"])
async def test_any_other_exception_of_a_handler_is_not_lost_either(resolver):
    async def handler(task, session: Session):
        raise LookupError("no shop")

    end = await end_of(handler, resolver=RESOLVERS[resolver]())
    assert (end.intent, end.retries) == ("FAILED", 2)
    assert "LookupError: no shop" in end.message


async def test_a_translation_of_an_exception_is_meant():
    async def handler(task, session: Session):
        raise LookupError("no shop")

    end = await end_of(handler, resolver=Closing(declined))
    assert (end.intent, end.code) == ("ERROR_THROWN", "declined")


async def test_a_closing_that_fails_behind_a_failure_is_told_without_its_text():
    async def handler(task, session: Session):
        raise WorkflowIncident("no such order")

    with logs() as start:
        out = start(log_format="json")
        await end_of(handler, resolver=Closing(torn))
    (line,) = [each for each in out.getvalue().splitlines() if "closing the dep" in each]
    assert "OSError in torn" in line
    assert "order_work" in line
    assert "secret" not in out.getvalue()


async def test_a_handler_that_raises_what_ends_iterations_says_so():
    async def handler(task, session: Session):
        raise StopAsyncIteration("at its end")

    end = await end_of(handler, resolver=Closing(torn))
    assert "StopAsyncIteration" in end.message


async def test_a_dependency_that_cannot_be_had_says_so_though_closing_fails():
    class Without(Closing):
        @asynccontextmanager
        async def for_job(self):
            with contextlib.ExitStack() as stack:
                stack.callback(torn, None)
                yield self.get

        def get(self, kind):
            raise WorkflowIncident(f"no {kind.__name__} is set up")

    async def handler(task, session: Session):
        return {}

    end = await end_of(handler, resolver=Without(torn))
    assert end.is_incident
    assert "no Session is set up" in end.message
