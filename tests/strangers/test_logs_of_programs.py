"""Programs have logs of their own: sinks, handlers, levels, threads; each keeps what it had."""

import io
import json
import logging
import logging.handlers
import os
import queue
import subprocess
import sys
import threading

import pytest
from loguru import logger
from tests.support.logs import by_library, lines, logs


@pytest.fixture
def start():
    with logs() as begin:
        yield begin


class Loud:
    """Logs as it is shown."""

    def __str__(self):
        logger.info("within")
        logging.getLogger("loud").warning("within, too")
        return "loud"


def test_sinks_and_handlers_of_the_program_stay_and_get_each_line_once(start):
    sunk, handled, named = [], [], []
    number = logger.add(sunk.append, format="{message}", level="DEBUG")

    class Sentry(logging.Handler):
        def __init__(self, into):
            super().__init__()
            self.into = into

        def emit(self, record):
            self.into.append(record)

    on_root, on_logger = Sentry(handled), Sentry(named)
    logging.getLogger().addHandler(on_root)
    logging.getLogger("shop.api").addHandler(on_logger)
    try:
        out = start()
        start(out)  # once more changes nothing
        logger.debug("by loguru")
        try:
            int("of loguru")
        except ValueError:
            logger.exception("failed")
        logging.getLogger("shop.api").error("by logging", extra={"order": 7})
    finally:
        logging.getLogger("shop.api").removeHandler(on_logger)
        logger.remove(number)
    assert [str(each).splitlines()[0] for each in sunk] == ["by loguru", "failed"]
    # Whole: Sentry reads the exception.
    assert isinstance(sunk[1].record["exception"].value, ValueError)
    assert [each.getMessage() for each in handled] == ["by logging"]
    assert [(each.getMessage(), each.order) for each in named] == [("by logging", 7)]
    assert [line["message"] for line in lines(out)] == ["failed", "by logging"]


def test_a_handler_that_stays_can_read_what_does_not_fit(start):
    seen = []

    class Strict(logging.Handler):
        def emit(self, record):
            seen.append(record.getMessage())

    logging.getLogger().addHandler(Strict())
    out = start()
    logging.getLogger("lib").error("%d", "three")
    assert seen == [line["message"] for line in lines(out)]


def test_the_patcher_of_the_program_stays(start):
    sunk = []
    logger.configure(patcher=lambda record: record["extra"].update(request="r-1"))
    try:
        logger.add(sunk.append, format="{extra[request]} {message}")
        out = start()
        logger.info("hi")
    finally:
        logger.configure(patcher=lambda record: None)
    assert [str(each) for each in sunk] == ["r-1 hi\n"]
    assert lines(out)[0]["request"] == "r-1"


class Intercept(logging.Handler):
    """As loguru's documentation has it."""

    def emit(self, record):
        logger.opt(depth=6, exception=record.exc_info).log(record.levelname, record.getMessage())


class Propagate(logging.Handler):
    """The other way round."""

    def emit(self, record):
        logging.getLogger(record.name).handle(record)


def by_function(message):
    logging.getLogger("by.function").log(message.record["level"].no, message.record["message"])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("to_logging", "to_loguru"),
    [(None, False), (None, True), (Propagate(), False), (by_function, False)],
    ids=["nothing", "logging", "loguru", "loguru by a function"],
)
def test_lines_that_the_program_hands_on_come_once_and_end(start, when, to_logging, to_loguru):
    out = io.StringIO()
    if when == "after":
        start(out)
    if to_loguru:
        logging.getLogger().addHandler(Intercept())
    if to_logging is not None:
        logger.add(to_logging, format="{message}")
    if when == "before":
        start(out)
    logger.warning("by loguru")
    logging.getLogger("lib").warning("by logging")
    by_library("lib", logging.INFO, "too low")
    assert [line["message"] for line in lines(out)] == ["by loguru", "by logging"]
    assert lines(out)[1]["logger"] == "lib"


def test_a_logger_that_does_not_propagate_may_be_handed_to_loguru(start):
    out = start()
    apart = logging.getLogger("apart")
    apart.handlers, apart.propagate = [Intercept()], False
    try:
        apart.error("once")
    finally:
        apart.handlers, apart.propagate = [], True
    assert [(line["message"], line["logger"]) for line in lines(out)] == [("once", "apart")]


def test_a_queue_between_hands_lines_on_as_well(start):
    out = start()
    waiting = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(waiting, logging.getLogger().handlers[0])
    apart = logging.getLogger("queued")
    apart.handlers, apart.propagate = [logging.handlers.QueueHandler(waiting)], False
    listener.start()
    try:
        apart.error("once")
    finally:
        listener.stop()
        apart.handlers, apart.propagate = [], True
    assert [line["message"] for line in lines(out)] == ["once"]


def test_caplog_sees_what_it_saw(start, caplog):
    out = start(with_pytest=True)
    with caplog.at_level(logging.INFO):
        by_library("lib", logging.INFO, "seen")
    assert caplog.messages == ["seen"]
    assert out.getvalue() == ""


@pytest.mark.parametrize("level", ["DEBUG", "WARNING", "ERROR"])
def test_levels_are_those_of_the_settings_and_of_single_loggers(start, level):
    out = start(log_level_libraries=level)
    own = logging.getLogger("own.level")
    own.setLevel(logging.INFO)
    try:
        logging.getLogger("own.level.below").info("own")
    finally:
        own.setLevel(logging.NOTSET)
    for name in ("debug", "warning", "error"):
        by_library("other", logging.getLevelName(name.upper()), name)
    expected = [each for each in ("debug", "warning", "error") if level in ("DEBUG", each.upper())]
    expected += ["error"] if level == "WARNING" else []
    assert [line["message"] for line in lines(out)] == ["own", *expected]


def test_a_handler_below_its_own_level_gets_what_it_got(start):
    file = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(file))
    logging.getLogger().setLevel(logging.DEBUG)
    out = start(log_level_libraries="WARNING")
    by_library("lib", logging.DEBUG, "for the file")
    assert file.getvalue() == "for the file\n"
    assert out.getvalue() == ""


def test_levels_of_the_programs_own_have_their_names(start):
    out = start()
    logging.addLevelName(35, "NOTICE")
    logging.getLogger("lib").log(35, "named")
    logging.getLogger("lib").log(99, "unnamed")
    logger.level("AUDIT", no=33)
    logger.log("AUDIT", "named")
    logger.log(77, "unnamed")
    assert [line["level"] for line in lines(out)] == ["NOTICE", "Level 99", "AUDIT", "Level 77"]


def test_threads_and_del_log_while_others_do(start):
    out = start()

    class Dying:
        def __del__(self):
            logger.info("gone")
            logging.getLogger("lib").warning("gone")

    def work():
        for _ in range(50):
            Dying()
            logger.bind(x=Loud()).info("line")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = [line["message"] for line in lines(out)]
    assert found.count("line") == 200
    assert found.count("gone") == 400


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_logs_while_another_thread_held_the_lock():
    done = run(
        """
        import os, threading
        held, go_on = threading.Event(), threading.Event()
        output = logging.getLogger().handlers[0]
        def hold():
            with output.lock:
                held.set()
                go_on.wait()
        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        child = os.fork()
        if child == 0:
            logger.info("child")
            logging.getLogger("lib").warning("child, too")
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        go_on.set()
        thread.join()
        assert status == 0
        """
    )
    assert [line["message"] for line in done] == ["child", "child, too"]


def run(code, *, check=True, **settings):
    """What a program writes to standard error, line by line."""
    head = (
        "import logging\nfrom loguru import logger\nfrom workflow_runtime import WorkflowSettings\n"
        "from workflow_runtime.telemetry.logs import setup_logging\n"
        f"setup_logging(WorkflowSettings(log_format='json', **{settings!r}))\n"
    )
    body = "\n".join(line[8:] for line in code.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", head + body], capture_output=True, text=True, timeout=60, check=check
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("gone", ["sys.stderr.close()", "os.close(2)", "sys.stderr = None"])
def test_a_program_without_standard_error_goes_on(gone):
    code = (
        "import os, sys, logging\nfrom loguru import logger\n"
        "from workflow_runtime import WorkflowSettings\n"
        "from workflow_runtime.telemetry.logs import setup_logging\n"
        "{}\nsetup_logging(WorkflowSettings())\n{}\n"
        "logger.info('a')\nlogging.getLogger('x').error('%d', 'b')\nprint('goes on')\n"
    )
    for before, after in ((gone, ""), ("", gone)):
        done = subprocess.run(
            [sys.executable, "-c", code.format(before, after)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout == "goes on\n"


CONSOLE = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "DEBUG"},
}


@pytest.mark.parametrize(
    "habit",
    [
        "",
        "logging.basicConfig(level=logging.DEBUG)",
        "logging.basicConfig(stream=sys.stdout)",
        f"logging.config.dictConfig({CONSOLE!r})",
        "logger.remove(); logger.add(sys.stderr, format='mine {message}')",
        "logger.add(sys.stdout)",
    ],
)
def test_the_console_has_each_line_once_whatever_was_set_up_before(habit):
    code = (
        "import sys, logging, logging.config\nfrom loguru import logger\n"
        "from workflow_runtime import WorkflowSettings\n"
        "from workflow_runtime.telemetry.logs import setup_logging\n"
        f"{habit}\nsetup_logging(WorkflowSettings())\nsetup_logging(WorkflowSettings())\n"
        "logger.info('a')\nlogging.getLogger('x').error('b')\n"
        "logging.basicConfig(level=logging.DEBUG)\nlogging.getLogger('x').error('c')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == ""
    found = [json.loads(line)["message"] for line in done.stderr.splitlines()]
    assert found == ["a", "b", "c"]
