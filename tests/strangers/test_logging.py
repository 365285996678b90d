"""Whatever somebody logs: no call fails because of it, each line comes once, with its fields."""

import asyncio
import io
import json
import logging
from decimal import Decimal

import pytest
from loguru import logger
from tests.support.diagrams import one_task
from tests.support.logs import lines, logs

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowSettings


@pytest.fixture
def start():
    with logs() as begin:
        yield begin


class Broken:
    def __str__(self):
        raise ValueError("no text")

    __repr__ = __str__


class Loud:
    """Logs as it is shown."""

    def __str__(self):
        logger.info("within")
        logging.getLogger("loud").warning("within, too")
        return "loud"


class Lazy(dict):
    def items(self):
        raise RuntimeError("not now")


def cyclic():
    value = {"name": "round"}
    value["self"] = [value]
    return value


VALUES = [
    {("a", 1): 2},
    {1: 2, None: 3, b"x": 4, Broken(): 5},
    cyclic(),
    [[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]],
    b"\xff\x00",
    10**5000,
    float("nan"),
    Decimal("NaN"),
    "x" * 1_000_000,
    list(range(100_000)),
    ValueError("as a value"),
    Broken(),
    Loud(),
    Lazy(a=1),
    {1, "a"},
    "half \ud800 a character",
    "nul \x00 and \u2028",
    object,
    lambda: None,
]


@pytest.mark.parametrize("form", ["json", "pretty"])
@pytest.mark.parametrize("value", VALUES, ids=lambda each: type(each).__name__)
def test_any_value_can_be_bound_and_shown(start, form, value):
    out = start(log_format=form)
    logger.bind(x=value).info("bound")
    logging.getLogger("lib").warning("extra", extra={"x": value})
    logging.getLogger("lib").warning("argument %s", value)
    with logger.contextualize(x=value):
        logger.info("around")
    text = out.getvalue()
    for message in ("bound", "extra", "argument", "around"):
        assert message in text
    assert len(text) < 1_500_000
    if form == "json":
        assert all(line["service"] == "shop" for line in lines(out))


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("%d", ("three",)),
        ("%s %s", ("one",)),
        ("none", ("one", "two")),
        ("%(name)s", ({"other": 1},)),
        ("%z", (1,)),
        ("100% sure of {braces} {0}", ()),
        ("%s", (Broken(),)),
        (Broken(), ()),
        (b"%d", (1,)),
        (None, ()),
        ({"a": 1}, ()),
        ("<red>{}</red> \\<b>", ()),
    ],
)
@pytest.mark.parametrize("form", ["json", "pretty"])
def test_a_message_whose_arguments_do_not_fit_is_a_line(start, form, message, arguments):
    out = start(log_format=form)
    logging.getLogger("lib").warning(message, *arguments)
    assert out.getvalue().count("\n") == 1
    assert "lib" in out.getvalue()


def test_arguments_that_do_not_fit_stand_beside_the_message(start):
    out = start()
    logging.getLogger("lib").warning("%d", "three")
    assert lines(out)[0]["message"] == "%d ['three'] (TypeError: they do not fit)"


def test_a_message_with_braces_is_as_it_was_written(start):
    out = start()
    logging.getLogger("lib").warning("{not a field} %s", "{nor}")
    logger.info("{not a field}")
    logger.info("{} {name}", 1, name="a")
    found = [line["message"] for line in lines(out)]
    assert found == ["{not a field} {nor}", "{not a field}", "1 a"]


def test_extra_comes_as_fields(start):
    out = start()
    logging.getLogger("lib").warning("hi", extra={"order": 7, "nested": {"a": (1, 2)}})
    line = lines(out)[0]
    assert (line["order"], line["nested"], line["logger"]) == (7, {"a": [1, 2]}, "lib")


@pytest.mark.parametrize("name", ["time", "level", "message", "logger", "exception", "stack"])
def test_a_field_of_the_line_itself_is_not_bound_over(start, name):
    out = start()
    logger.bind(**{name: "mine"}).info("hi")
    line = lines(out)[0]
    assert line[f"extra_{name}"] == "mine"
    assert line.get(name) != "mine"
    assert (line["level"], line["message"]) == ("INFO", "hi")
    if name != "message":  # logging itself refuses that one
        logging.getLogger("lib").warning("hi", extra={name: "mine"})
        assert (lines(out)[1]["extra_" + name], lines(out)[1]["level"]) == ("mine", "WARNING")


@pytest.mark.parametrize("info", [True, (None, None, None), (1, 2, 3), "text", ValueError("v")])
@pytest.mark.parametrize("form", ["json", "pretty"])
def test_exc_info_may_be_anything(start, form, info):
    out = start(log_format=form)
    logging.getLogger("lib").error("failed", exc_info=info)
    logging.getLogger("lib").error("failed", exc_info=1)  # noqa: LOG014 - what is tested
    logger.opt(exception=info if info != (1, 2, 3) else True).error("failed")
    logger.exception("failed")
    assert out.getvalue().count("failed") == 4
    assert ("ValueError" in out.getvalue()) == isinstance(info, ValueError)


def test_a_stack_that_is_asked_for_is_shown(start):
    out = start()
    logging.getLogger("lib").error("here", stack_info=True)
    assert "test_a_stack_that_is_asked_for_is_shown" in lines(out)[0]["stack"]


class Gone(io.StringIO):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error


@pytest.mark.parametrize(
    "out",
    [
        Gone(BrokenPipeError("no reader")),
        Gone(OSError(28, "No space left on device")),
        Gone(ValueError("I/O operation on closed file")),
        Gone(RuntimeError("reentrant call")),
    ],
    ids=["pipe", "disk", "closed", "reentrant"],
)
def test_a_stream_that_is_gone_fails_no_call(start, out):
    start(out)
    logging.getLogger("lib").warning("lost")
    logger.info("lost")
    assert out.getvalue() == ""


def test_a_closed_stream_is_no_terminal_and_fails_nothing(start):
    out = io.StringIO()
    out.close()
    start(out)
    logger.info("lost")
    logging.getLogger("lib").warning("lost")
    assert logging.getLogger().handlers


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_in_any_encoding(start, encoding):
    raw = io.BytesIO()
    start(io.TextIOWrapper(raw, encoding=encoding, errors="strict"), log_format="json")
    logger.info("naïve ☃ \ud800")
    assert json.loads(raw.getvalue().decode(encoding))["message"] == "naïve ☃ \ud800"


def test_a_terminal_is_not_moved_by_what_is_logged(start):
    out = start(log_format="pretty")
    logger.info("\x1b[2J\x1b]0;title\x07 \u202e \r up")
    assert "\\x1b[2J" in out.getvalue()
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(out.getvalue())


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_job_is_done_once_whatever_its_handler_logs(start, tmp_path, kind):
    out, calls = start(), []

    def habits(task):
        calls.append(task.attempt)
        for value in VALUES:
            logger.bind(x=value, level=value, time=value, message=value).info("paid")
            task.logger.bind(y=value).warning("paid {}", 1)
            logging.getLogger("shop").warning("%d %s", "three", value, extra={"level": value})
        logging.getLogger("shop").error("{not a field}", exc_info=True)  # noqa: LOG014 - what is tested

    async def pay(task):
        habits(task)

    builder = WorkflowBuilder(
        settings=WorkflowSettings(service_name="shop", long_poll=0.02),
        gateway=EmbeddedGateway(Engine()),
    )
    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay").content)
    builder.with_process(tmp_path / "order.bpmn")
    builder.with_handler("order_pay", pay if kind == "async" else habits)
    async with builder.running() as workflow:
        await asyncio.wait_for(workflow.start_process_and_wait("order"), 60)
    assert calls == [1]
    assert all(line["job_type"] == "order_pay" for line in lines(out) if line["message"] == "paid")
