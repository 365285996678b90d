"""Which functions the builder takes as middlewares, and what it says of the others."""

import functools
from contextlib import asynccontextmanager

import pytest

from workflow_runtime import ConfigurationError, TaskHandlerConfig, WorkflowBuilder


async def passing(task, call_next):
    return await call_next(task)


async def after_it(task, call_next):
    result = await call_next(task)
    return {"seen": result}


async def by_branches(task, call_next):
    if task.attempt > 1:
        return None
    try:
        return await call_next(task)
    finally:
        task.logger.info("done")


async def in_a_block(task, call_next):
    async with asynccontextmanager(lambda: None)():
        return await call_next(task)


async def choosing(task, call_next):
    return await call_next(task) if task.attempt == 1 else None


async def only_raising(task, call_next):
    raise ValueError(task)


async def never_ending(task, call_next):
    while True:
        await call_next(task)


async def with_any_arguments(*given, **named):
    return await given[1](given[0], **named)


async def with_options(task, call_next, prefix="", *, level="INFO"):
    return await call_next(task)


async def parted(limit, task, call_next):
    return await call_next(task)


class Around:
    async def __call__(self, task, call_next):
        return await call_next(task)

    async def around(self, task, call_next):
        return await call_next(task)

    @staticmethod
    async def alone(task, call_next):
        return await call_next(task)

    @classmethod
    async def of_the_class(cls, task, call_next):
        return await call_next(task)

    bare = staticmethod(passing)


def before(function):
    """What a team writes once for its old decorators: of one parameter, and they return nothing."""

    @functools.wraps(function)
    async def around(task, call_next):
        await function(task)
        return await call_next(task)

    return around


def plainly(function):
    @functools.wraps(function)
    def around(*given, **named):
        return function(*given, **named)

    return around


@before
async def greet(task):
    task.logger.info("hello")


@plainly
async def decorated(task, call_next):
    return await call_next(task)


TAKEN = [
    *(passing, after_it, by_branches, in_a_block, choosing, only_raising, never_ending),
    *(with_any_arguments, with_options, functools.partial(parted, 5), Around(), Around().around),
    *(Around.alone, Around.of_the_class, vars(Around)["bare"], greet, decorated),
    functools.partial(with_options, prefix="> "),
]


async def nothing(task, call_next):
    await call_next(task)


async def nothing_in_a_block(task, call_next):
    async with asynccontextmanager(lambda: None)():
        await call_next(task)


async def nothing_but_none(task, call_next):
    try:
        await call_next(task)
    except ValueError:
        return
    for _ in range(3):
        if task.attempt:
            return


async def not_called(task, call_next):
    task.logger.info("before")


class Nothing:
    async def __call__(self, task, call_next):
        await call_next(task)


@plainly
async def nothing_decorated(task, call_next):
    await call_next(task)


def passing_with(limit):
    async def nothing_within(task, call_next):
        await call_next(task)

    return nothing_within


@pytest.mark.parametrize("middleware", TAKEN)
def test_what_gives_the_result_back_is_taken(middleware):
    TaskHandlerConfig(middleware=(middleware,))
    WorkflowBuilder("shop", "http://127.0.0.1").with_middleware(middleware)


@pytest.mark.parametrize(
    "middleware",
    [nothing, nothing_in_a_block, nothing_but_none, not_called, Nothing(), nothing_decorated,
     passing_with(3), functools.partial(nothing)],
)  # fmt: skip
def test_what_would_lose_the_result_is_refused(middleware):
    with pytest.raises(ConfigurationError) as refused:
        TaskHandlerConfig(middleware=(middleware,))
    text = str(refused.value)
    assert "returns nothing, so the handler's result would be lost" in text
    assert "return await call_next(task)" in text
    assert "test_middleware, line " in text


def plain(task, call_next):
    return call_next(task)


async def log_job(job):
    return job


def log_job_plainly(job):
    return job


async def generating(task, call_next):
    yield await call_next(task)


@asynccontextmanager
async def managing(task):
    yield


async def reversed_names(call_next, task):
    return await call_next(task)


async def by_name_only(*, task, call_next):
    return await call_next(task)


async def with_three(task, call_next, session):
    return await call_next(task)


@pytest.mark.parametrize(
    ("middleware", "says"),
    [
        (plain, "is no 'async def'"),
        (lambda task, call_next: call_next(task), "is no 'async def'"),
        (log_job, "takes (job); it must be 'async def f(task, call_next)'"),
        (log_job_plainly, "takes (job)"),
        (with_three, "takes (task, call_next, session)"),
        (by_name_only, "takes (*, task, call_next)"),
        (reversed_names, "takes call_next first"),
        (generating, "is a generator"),
        (managing, "must be 'async def f(task, call_next)'"),
        (Around, "is a class: pass an instance, Around(...)"),
        (Around.around, "pass that of an instance"),
        ("log", "is no function"),
        (None, "is no function"),
        ([passing], "one by one"),
        (object(), "is no function"),
    ],
)
def test_what_is_no_middleware_is_refused_with_the_remedy(middleware, says):
    for register in (
        WorkflowBuilder("shop", "http://127.0.0.1").with_middleware,
        lambda each: TaskHandlerConfig(middleware=(each,)),
    ):
        with pytest.raises(ConfigurationError) as refused:
            register(middleware)
        assert str(refused.value).startswith("middleware ")
        assert says in str(refused.value)


def test_a_call_of_a_middleware_is_no_middleware():
    called = passing(None, None)
    with pytest.raises(ConfigurationError, match="without brackets"):
        TaskHandlerConfig(middleware=(called,))
    called.close()


@pytest.mark.parametrize("given", [passing, "passing", None, 3])
def test_the_middlewares_of_a_handler_are_several(given):
    with pytest.raises(ConfigurationError, match=r"TaskHandlerConfig: middleware must be like"):
        TaskHandlerConfig(middleware=given)


async def handler(task):
    pass


def builder():
    return WorkflowBuilder("shop", "http://127.0.0.1")


@pytest.mark.parametrize(
    "register",
    [
        lambda one: builder().with_middleware(one, one),
        lambda one: builder().with_middleware(one).with_middleware(one),
        lambda one: TaskHandlerConfig(middleware=[one, one]),
        lambda one: builder().with_middleware(one).task("pay", middleware=[one])(handler),
        lambda one: (
            builder()
            .with_handler("pay", handler, TaskHandlerConfig(middleware=(one,)))
            .with_middleware(one)
        ),
    ],
)
@pytest.mark.parametrize("one", [passing, Around().around])
def test_one_that_would_run_twice_around_a_handler_is_refused(register, one):
    with pytest.raises(ConfigurationError, match="twice"):
        register(one)


def test_one_may_run_around_several_handlers_and_two_of_a_class_around_one():
    service = builder().with_middleware(Around(), Around())
    for job_type in ("pay", "ship"):
        service.task(job_type, middleware=[passing])(handler)
    assert service.job_types == ("pay", "ship")


def test_a_refused_middleware_leaves_the_builder_as_it_was():
    service = builder().with_handler("pay", handler)
    with pytest.raises(ConfigurationError):
        service.with_middleware(passing, nothing)
    assert service.subscriptions[0].middlewares == ()
    assert service.with_middleware(passing).subscriptions[0].middlewares == (passing,)


def test_variables_that_middlewares_read_are_fetched_besides_those_of_the_handler():
    service = builder().with_middleware(passing, variables=["tenantId"])
    service.task("pay", variables=("amount",))(handler)
    service.task("ship")(handler)
    some, everything = service.subscriptions
    assert {"amount", "tenantId"} <= {*some.fetch}
    assert everything.fetch == ()


def test_variables_of_middlewares_are_several_names():
    with pytest.raises(ConfigurationError, match="variables must be like"):
        builder().with_middleware(passing, variables="tenantId")
