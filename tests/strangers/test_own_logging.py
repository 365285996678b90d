"""What a service logs by the standard library appears; libraries are quiet unless asked."""

import io
import logging
import logging.config
import subprocess
import sys
from pathlib import Path

import pytest
from loguru import logger
from tests.support.commands import environment
from tests.support.diagrams import one_task
from tests.support.logs import by_library, lines, logs

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import WorkflowBuilder, WorkflowSettings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start():
    with logs() as begin:
        yield begin


@pytest.fixture
def restored():
    """Takes back what a test has changed of loggers."""
    level, names = logging.root.level, set(logging.root.manager.loggerDict)
    yield
    logging.root.setLevel(level)
    for name in set(logging.root.manager.loggerDict) - names:
        one = logging.getLogger(name)
        one.handlers, one.propagate, one.disabled = [], True, False
        one.setLevel(logging.NOTSET)


def messages(out):
    return [line["message"] for line in lines(out)]


@pytest.mark.parametrize("name", [None, __name__, "billing", "shop.orders.x", "uvicorn.error"])
def test_the_services_own_lines_appear_whatever_their_logger_is_called(start, name):
    out = start()
    logging.getLogger(name).info("own")
    logging.getLogger(name).debug("too low")
    logging.LoggerAdapter(logging.getLogger(name), {"order": 7}).info("adapted")
    assert messages(out) == ["own", "adapted"]


def test_the_functions_of_logging_itself_are_the_services_own(start):
    out = start()
    logging.info("by %s", "logging")  # noqa: LOG015 - as people do
    assert messages(out) == ["by logging"]


@pytest.mark.parametrize("name", ["lib", "lib.below", None, "httpx"])
def test_libraries_are_quiet_by_default(start, name):
    out = start()
    by_library(name, logging.INFO, "request")
    by_library(name, logging.WARNING, "careful")
    assert messages(out) == ["careful"]


def test_a_library_may_log_for_the_service(start):
    # As tenacity's before_sleep_log does.
    out = start()
    by_library(__name__, logging.INFO, "trying again")
    assert messages(out) == ["trying again"]


@pytest.mark.parametrize(
    ("place", "own"),
    [
        ("/app/src/shop/main.py", True),
        ("/app/service.pyz/shop/main.py", True),
        ("<string>", True),
        ("/app/.venv/lib/python3.12/site-packages/httpx/_client.py", False),
        ("/usr/lib/python3/dist-packages/yaml/reader.py", False),
        ("/root/.pex/installed_wheels/1f/httpx-0.27-py3-none-any.whl/httpx/_client.py", False),
        (logging.__file__.replace("logging", "asyncio"), False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_who_has_written_a_line_is_told_by_where_its_code_is(start, place, own):
    out = start()
    record = logging.LogRecord("name", logging.INFO, place, 1, "line", (), None)
    logging.getLogger("name").handle(record)
    assert messages(out) == (["line"] if own else [])


def test_levels_are_those_of_the_settings(start):
    out = start(log_level="DEBUG", log_level_libraries="INFO")
    logging.getLogger("shop").debug("own")
    by_library("lib", logging.DEBUG, "too low")
    by_library("lib", logging.INFO, "library")
    start(out, log_level="ERROR")
    logging.getLogger("shop").warning("too low")
    by_library("lib", logging.WARNING, "warned")
    start(out, log_level_libraries="DEBUG")
    logging.getLogger("shop").debug("too low")
    by_library("lib", logging.DEBUG, "told")
    assert messages(out) == ["own", "library", "warned", "told"]


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_level_that_the_program_has_set_stays(start, when):
    out = io.StringIO()
    if when == "after":
        start(out)
    logging.getLogger("shop.noisy").setLevel(logging.ERROR)
    logging.getLogger("shop.open").setLevel(logging.DEBUG)
    logging.getLogger("lib.asked").setLevel(logging.INFO)
    if when == "before":
        start(out)
    logging.getLogger("shop.noisy").warning("too low")
    logging.getLogger("shop.open").debug("open")
    by_library("lib.asked.for", logging.INFO, "asked")
    assert messages(out) == ["open", "asked"]


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "wish",
    [
        lambda: logging.getLogger().setLevel(logging.DEBUG),
        lambda: logging.basicConfig(level=logging.DEBUG) or logging.root.setLevel(logging.DEBUG),
        lambda: logging.config.dictConfig(
            {"version": 1, "incremental": True, "root": {"level": "DEBUG"}}
        ),
    ],
    ids=["setLevel", "basicConfig", "dictConfig"],
)
def test_a_lower_root_opens_the_service_and_no_library(start, when, wish):
    out = io.StringIO()
    if when == "after":
        start(out)
    wish()
    if when == "before":
        start(out)
    logging.getLogger("shop").debug("own")
    by_library("lib", logging.INFO, "quiet")
    assert messages(out) == ["own"]


@pytest.mark.usefixtures("restored")
def test_handlers_of_single_loggers_double_no_line(start, capsys):
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"console": {"class": "logging.StreamHandler"}},
            "loggers": {
                "shop.set": {"handlers": ["console"], "level": "INFO"},
                "shop.apart": {"handlers": ["console"], "level": "INFO", "propagate": False},
            },
        }
    )
    out = start()
    logging.getLogger("shop.set").info("once")
    logging.getLogger("shop.apart").info("apart")
    assert messages(out) == ["once"]
    assert capsys.readouterr().err == "apart\n"


async def test_own_lines_of_a_handler_carry_its_job(start):
    out = start()

    async def pay(task):
        logging.getLogger("billing").info("paid")

    def note(task):
        logging.info("noted")  # noqa: LOG015 - as people do

    builder = WorkflowBuilder(
        settings=WorkflowSettings(service_name="shop", long_poll=0.02),
        gateway=EmbeddedGateway(Engine()),
    )
    builder.with_handler("order_pay", pay).with_handler("order_note", note)
    async with builder.running() as workflow:
        for name in ("pay", "note"):
            await workflow.gateway.deploy([one_task("order", name)])
            await workflow.start_process_and_wait("order")
    found = {line["message"]: line for line in lines(out)}
    assert found["paid"]["element_id"] == "pay"
    assert found["noted"]["element_id"] == "note"


SERVICE = """
import logging
from workflow_runtime import WorkflowBuilder

log = logging.getLogger(__name__)

async def pay(task):
    pass

class Hook:
    async def start(self, workflow):
        log.info("own line")
        logging.info("own root")
        import library
        library.speak()
        raise SystemExit(0)
    async def stop(self):
        pass

def build():
    builder = WorkflowBuilder("shop", "embedded://").with_handler("pay", pay)
    return builder.with_lifespan_hook(Hook())

def main():
    build().serve()
"""
LIBRARY = """
import logging

def speak():
    logging.getLogger(__name__).info("library line")
    logging.getLogger("any").info("library line")
    logging.getLogger(__name__).warning("library warns")
"""


CONFIG = """
CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
"""


def served(tmp_path, *command, **variables):
    found = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    return found.stderr


def installed(folder, name, text, *, record=True):
    """A module as pip leaves it, with its list of files unless it is only linked to."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(text)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    if record:
        (info / "RECORD").write_text(f"{name}.py,,\n{name}-1.0.dist-info/METADATA,,\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", ["module", "workflow run", "in an image", "all in __main__", "beside its libraries"]
)
def test_a_service_is_heard_and_its_libraries_are_not_wherever_they_are_installed(tmp_path, way):
    packages = tmp_path / ("lib" if way == "beside its libraries" else "venv/site-packages")
    home = tmp_path / "src" if way in {"module", "workflow run"} else packages
    installed(packages, "library", LIBRARY)
    package = home / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text(
        "import logging\nlogging.getLogger('any').info('own other')\n"
    )
    service = SERVICE.replace("import library", "import library, shop.other")
    (package / "main.py").write_text(service)
    main = service if way == "all in __main__" else "from shop.main import main\n"
    (package / "__main__.py").write_text(f"{main}\nmain()\n")
    path = [str(each) for each in (home, packages, ROOT / "runtime/src", ROOT / "devkit/src")]
    command = ["-m", "shop"]
    if way == "workflow run":
        command = ["-m", "workflow_runtime.cli", "run", "shop.main:build"]
    said = served(tmp_path, *command, PYTHONPATH=":".join(path))
    assert "own line" in said
    assert "own root" in said
    assert "own other" in said
    assert "library line" not in said
    assert "library warns" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    "habit",
    [
        "logging.basicConfig(level=logging.INFO)",
        "logging.basicConfig(level=logging.INFO, stream=sys.stdout, format='%(message)s')",
        "logging.getLogger().setLevel(logging.INFO)",
        "logging.getLogger('shop').addHandler(logging.StreamHandler())",
        "logging.config.dictConfig(CONFIG)",
        "logging.captureWarnings(True)",
    ],
)
def test_what_programs_do_with_logging_before_doubles_no_line(tmp_path, habit):
    text = SERVICE.replace("import logging\n", "import logging, logging.config, sys\n" + CONFIG, 1)
    text = text.replace("def main():\n", f"def main():\n    {habit}\n").replace(
        "        import library\n        library.speak()\n", ""
    )
    (tmp_path / "shop.py").write_text(text + "\nmain()\n")
    said = served(tmp_path, "shop.py")
    assert said.count("own line") == said.count("own root") == 1


def test_loguru_and_logging_come_in_one_stream(start):
    out = start()
    logger.info("by loguru")
    logging.getLogger("shop").info("by logging")
    assert messages(out) == ["by loguru", "by logging"]
