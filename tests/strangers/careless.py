"""A service whose handlers let values of the scope go wherever exceptions go.

It is run by test_values_in_logs.py: its arguments are a diagram and a form of logs.
"""

import asyncio
import gc
import logging
import os
import sys
import threading
import time
import warnings
from concurrent.futures import Future
from datetime import timedelta

from loguru import logger
from pydantic import BaseModel

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.publishing.model import make_event
from workflow_runtime.telemetry.logs import setup_logging


class Amount(BaseModel):
    amount: int


def fail(card):
    error = ValueError(f"cannot charge {card}")
    error.add_note(f"a note about {card}")
    raise error


def fail_chained(card):
    try:
        fail(card)
    except ValueError as error:
        raise RuntimeError(f"no receipt for {card}") from error


def fail_grouped(card):
    try:
        fail(card)
    except ValueError as error:
        raise ExceptionGroup(f"several of {card}", [error, KeyError(card)]) from None


async def fail_later(card):
    fail(card)


def caught(function, card):
    try:
        function(card)
    except Exception as error:  # noqa: BLE001 - what is caught is logged
        return error
    return None


async def task_that_nobody_waits_for(task, card):
    kept = asyncio.create_task(fail_later(card))
    await asyncio.sleep(0.01)
    del kept


async def thread_that_nobody_waits_for(task, card):
    asyncio.get_running_loop().run_in_executor(None, fail, card)


async def callback(task, card):
    asyncio.get_running_loop().call_soon(fail, card)


async def slow_callback(task, card):
    asyncio.get_running_loop().call_soon(lambda card: time.sleep(0.15), card)


async def slow_task_with_a_result(task, card):
    async def slow():
        time.sleep(0.15)  # noqa: ASYNC251 - asyncio tells of it
        return card

    await asyncio.create_task(slow())


async def call_of_the_exception_handler(task, card):
    context = {"message": "something of the loop", "value": card, "exception": ValueError(card)}
    asyncio.get_running_loop().call_exception_handler(context)


async def unhandled_in_a_thread(task, card):
    thread = threading.Thread(target=fail, args=(card,))
    thread.start()
    await asyncio.to_thread(thread.join)


class Dying:
    def __init__(self, card):
        self.card = card

    def __del__(self):
        fail(self.card)

    def __repr__(self):
        return f"Dying({self.card})"


async def forked(task, card):
    child = os.fork()
    if child == 0:
        fail(card)
    await asyncio.to_thread(os.waitpid, child, 0)


async def unraisable(task, card):
    Dying(card)


async def callback_of_a_future(task, card):
    future = Future()
    future.add_done_callback(lambda _: fail(card))
    future.set_result(card)


async def handler(task, card):
    fail(card)


async def handler_with_a_cause(task, card):
    fail_chained(card)


async def handler_with_a_group(task, card):
    fail_grouped(card)


async def handler_with_a_model(task, card):
    Amount(amount=card)


async def handler_with_a_bad_result(task, card):
    return {"receipt": {(card,): card}}


async def exception_of_loguru(task, card):
    logger.opt(exception=caught(fail_chained, card)).error("failed")
    logger.catch(fail_grouped)(card)


async def exception_of_logging(task, card):
    logging.getLogger("lib").error("failed", exc_info=caught(fail_grouped, card))
    try:
        fail(card)
    except ValueError:
        logging.getLogger("lib").exception("failed")


async def error_of_pydantic_in_a_message(task, card):
    logger.error("failed: {}", caught(lambda card: Amount(amount=card), card))


async def warning_of_pydantic(task, card):
    amount = Amount(amount=1)
    amount.amount = card
    amount.model_dump_json()


async def our_own_objects(task, card):
    event = make_event("paid", "key", scope={"card": card}, default_ttl=timedelta(0))
    logger.info("{} {!r} {!r}", task, task.job, event)


WAYS = (
    *(task_that_nobody_waits_for, thread_that_nobody_waits_for, callback, slow_callback),
    *(
        slow_task_with_a_result,
        call_of_the_exception_handler,
        unhandled_in_a_thread,
        unraisable,
        forked,
    ),
    *(callback_of_a_future, handler, handler_with_a_cause, handler_with_a_group),
    *(handler_with_a_model, handler_with_a_bad_result, exception_of_loguru, exception_of_logging),
    *(error_of_pydantic_in_a_message, warning_of_pydantic, our_own_objects),
)


async def main(diagram, form):
    settings = WorkflowSettings(
        service_name="shop",
        long_poll=0.02,
        log_level="TRACE",
        log_level_libraries="TRACE",
        log_format=form,
    )
    setup_logging(settings)
    warnings.simplefilter("always")
    ended = {way.__name__: asyncio.Event() for way in WAYS}

    async def pay(task):
        name = task.get_scope_variable("way")
        way = next(each for each in WAYS if each.__name__ == name)
        try:
            return await way(task, task.get_scope_variable("card"))
        finally:
            asyncio.get_running_loop().call_soon(ended[name].set)

    builder = WorkflowBuilder(settings=settings, gateway=EmbeddedGateway(Engine()))
    builder.with_process(diagram).with_handler("order_pay", pay)
    async with builder.running() as workflow:
        for name, event in ended.items():
            await workflow.start_process("order", {"card": "planted-4111", "way": name})
            await asyncio.wait_for(event.wait(), 30)
            gc.collect()
    gc.collect()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]), debug=True)
    fail("an order")
