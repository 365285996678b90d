"""Text of others in the terminal: shown as it is, read as nothing, acting on nothing."""

import json
import re
import unicodedata
from datetime import timedelta

import pytest
from apprise import NotifyFormat
from apprise.conversion import convert_between
from tests.runtime.alerts.raised import alert
from tests.support.commands import workflow
from tests.support.diagrams import one_task
from tests.support.terminals import in_terminal, on_terminal
from tests.support.waiting import loop_in_thread

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing import assert_that
from workflow_devkit.testing.operate import OperateDouble
from workflow_runtime import WorkflowBuilder
from workflow_runtime.alerts.text import Wording
from workflow_runtime.gateway.values import JobRequest

EVIL = (
    "no such file [/var/log], [amount] EUR, [red]red[/red] [link=http://evil]here[/link] :smile: "
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil\x07here\x1b]8;;\x07 \x1b]0;title\x07\x1b[2J\x1b[6n"
    "\x9b31m\x85 \r gone \x08\x08 \u202eevil\u202c \u2066x\u2069 \u200bzero\ufeff \u2028 \x7f \x00"
)
ARGUMENT = EVIL.replace("\0", "")
SHOWN = ("[/var/log]", "[amount]", "[red]red[/red]", "[link=http://evil]", ":smile:", "\\x1b[31m")
PROCESS, ELEMENT = "a_process_with_a_long_name", "an_element_with_a_long_name"
# What we send a terminal ourselves: colours, and what rich needs for a progress bar.
OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A|\r")


class Stand:
    """An engine with a job that has failed in a stranger's words, and an Operate that has heard."""

    async def start(self, message):
        self.engine, self.operate = Engine(), OperateDouble()
        gateway = EmbeddedGateway(self.engine)
        await gateway.deploy(
            [one_task("a_process_with_a_long_name", "an_element_with_a_long_name")]
        )
        self.instance = (await gateway.create_instance("a_process_with_a_long_name", {})).key
        job_type = "a_process_with_a_long_name_an_element_with_a_long_name"
        (job,) = await gateway.activate_jobs(JobRequest(job_type, "w", timedelta(minutes=1), 1))
        self.job = job.key
        await gateway.fail_job(job.key, retries=0, message=message)
        self.server = await serve(self.engine)
        await self.operate.start()
        for record in self.engine.records:
            if record.value_type == "INCIDENT":
                self.operate.feed(record.intent, record.key, record.timestamp, record.value)
                self.incident = record.key
        self.operate.settle()

    @property
    def variables(self):
        return {
            "WORKFLOW_OPERATE_URL": self.operate.url,
            "WORKFLOW_OPERATE_USER": "demo",
            "WORKFLOW_OPERATE_PASSWORD": "demo",
            "ZEEBE_ADDRESS": f"http://127.0.0.1:{self.server.port}",
        }

    async def stop(self):
        await self.server.stop()
        await self.operate.stop()


@pytest.fixture(scope="module")
def stand():
    with loop_in_thread() as run:
        stand = Stand()
        run(stand.start(EVIL))
        yield stand
        run(stand.stop())


def acting(text):
    """What is left in a text that would act on a terminal, beyond our own colours."""
    rest = OURS.sub("", text).replace("\n", "").replace("\t", "")
    return {each for each in rest if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}}


async def piped(*arguments, cwd=None, **variables):
    process = await workflow(*arguments, cwd=cwd, **variables)
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_list_of_incidents_shows_a_message_as_it_is(stand, columns):
    code, shown = in_terminal("incidents", "list", columns=columns, **stand.variables)
    assert (code, acting(shown)) == (0, set())
    assert all(each in shown for each in SHOWN)
    for whole in (stand.incident, stand.instance, PROCESS, ELEMENT):
        assert str(whole) in shown
    # At 80 columns no key stands across the edge.
    line = next(each for each in shown.splitlines() if str(stand.incident) in each)
    assert OURS.sub("", line).index(str(stand.instance)) + 19 < 80


async def test_a_table_in_a_pipe_has_one_line_for_each_row(stand):
    code, output, _ = await piped("incidents", "list", **stand.variables)
    (line,) = [each for each in output.splitlines() if str(stand.incident) in each]
    assert (code, acting(output)) == (0, set())
    assert all(each in line for each in (*SHOWN, str(stand.instance), "\\u202eevil\\u202c"))
    assert "…" not in output
    assert line.split()[:2] == [str(stand.incident), str(stand.instance)]


@pytest.mark.parametrize(
    "arguments",
    [("incidents", "show", "{incident}"), ("incidents", "resolve", "--all", "--dry-run")],
    ids=lambda each: each[1],
)
def test_other_verbs_of_incidents_show_it_too(stand, arguments):
    filled = [each.format(incident=stand.incident) for each in arguments]
    code, shown = in_terminal(*filled, **stand.variables)
    assert (code, acting(shown)) == (0, set())
    assert str(stand.incident) in shown


async def test_json_has_the_same_value_and_acts_on_nothing_either(stand):
    line = ("incidents", "list", "--json")
    on_screen = await on_terminal(*line, **stand.variables)
    in_pipe = await piped(*line, **stand.variables)
    in_ascii = await piped(*line, PYTHONIOENCODING="ascii", **stand.variables)
    for code, text, *_ in (on_screen, in_pipe, in_ascii):
        (incident,) = json.loads(text)
        assert (code, incident["message"], acting(text)) == (0, EVIL, set())


async def test_a_stream_that_knows_few_characters_gets_them_as_escapes(stand):
    code, output, _ = await piped("incidents", "list", PYTHONIOENCODING="ascii", **stand.variables)
    assert code == 0
    assert output.isascii()


@pytest.mark.parametrize(
    "arguments",
    [
        ("resolve", ARGUMENT),
        (f"--no-{ARGUMENT}",),
        ("incidents", "list", "extra", ARGUMENT),
        ("start", "x", "--scope", ARGUMENT),
        ("start", "x", "--scope", "@" + ARGUMENT.replace("/", "")),
        ("run", ARGUMENT),
        ("run", "json:" + ARGUMENT),
        ("lint", ARGUMENT),
        ("publish", ARGUMENT, "--ttl", ARGUMENT),
        ("status", "--address", "http://" + ARGUMENT),
        ("doctor", "--address", "http://" + ARGUMENT),
    ],
    ids=lambda each: each[0][:8],
)
def test_what_a_script_passes_on_is_repeated_harmlessly(arguments):
    code, shown = in_terminal(*arguments)
    assert (code > 0, acting(shown)) == (True, set())


def test_answers_of_a_gateway_are_shown_as_they_are(stand):
    code, shown = in_terminal("start", ARGUMENT, **stand.variables)
    assert (code, acting(shown)) == (1, set())
    assert "[/var/log]" in shown


@pytest.fixture
def project(tmp_path):
    """A diagram and a service with names of a stranger; XML allows what is above 127."""
    name = "[/b] [bold]x[/bold] \x9b31m \u202eevil\u202c \u200b"
    diagram = one_task("order", "pay", more=f'name="{name}"').content
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "bpmn" / "[red]\x1b[31m\u202e\nx.bpmn").write_bytes(diagram)
    (tmp_path / "shop.py").write_text(
        "from workflow_runtime import WorkflowBuilder\n"
        "async def pay(task): ...\n"
        "builder = WorkflowBuilder('shop').with_process('bpmn')"
        ".with_handler('\\x1b[31m[/x]\\u202e', pay)\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "bpmn"),
        ("lint", "bpmn", "--format", "github"),
        ("constants", "bpmn"),
        ("stubs", "bpmn", "-o", "handlers"),
        ("render", "bpmn", "-o", "-"),
        ("render", "bpmn"),
        ("constants", "bpmn", "-o", "shop.py", "--check"),
    ],
    ids=" ".join,
)
def test_a_developer_s_verbs_show_names_as_they_are(project, arguments):
    _, shown = in_terminal(*arguments, cwd=project)
    assert acting(shown) == set()
    assert "Traceback" not in shown


@pytest.mark.parametrize("form", ["text", "github"])
async def test_the_check_of_a_service_shows_names_as_they_are(project, form):
    _, shown = await on_terminal("check", "shop:builder", "--format", form, cwd=project)
    assert acting(shown) == set()
    assert "Traceback" not in shown


def test_a_deployed_file_s_name_begins_no_line(stand, project):
    code, shown = in_terminal("deploy", "bpmn", cwd=project, **stand.variables)
    assert (code, acting(shown), len(shown.splitlines())) == (0, set(), 1)


async def test_a_picture_in_a_pipe_is_the_picture_as_it_is(project):
    _, output, _ = await piped("render", "bpmn", "-o", "-", cwd=project)
    assert "\u202eevil\u202c" in output


async def test_a_fault_is_seen_whole_and_acts_on_nothing(tmp_path):
    (tmp_path / "shop.py").write_text(f"raise SystemError({EVIL!r})\n")
    code, shown = await on_terminal("check", "shop:builder", cwd=tmp_path)
    assert (code, acting(shown)) == (1, set())
    assert "[/var/log]" in shown


async def test_logs_on_a_terminal_show_one_record_in_one_line(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import asyncio\n"
        "from loguru import logger\n"
        "from workflow_runtime.config import WorkflowSettings\n"
        "from workflow_runtime.telemetry.logs import setup_logging\n"
        "setup_logging(WorkflowSettings(service_name='shop', log_exception_texts=True))\n"
        f"text = {EVIL!r} + '\\n09:00:00.000 ERROR   all is lost'\n"
        "logger.info('{}', text)\n"
        "logger.bind(process_id=text).info('bound')\n"
        "try:\n"
        "    raise ValueError(text)\n"
        "except ValueError:\n"
        "    logger.exception('failed')\n"
        "raise SystemExit\n"
    )
    _, shown = await on_terminal("check", "shop:builder", cwd=tmp_path)
    assert acting(shown) == set()
    assert [each for each in shown.splitlines() if re.match(r"09:00:00", each)] == []
    assert shown.count("all is lost") == 3


async def test_a_failed_assertion_of_the_kit_acts_on_nothing(process_environment, tmp_path):
    path = tmp_path / "order.bpmn"
    path.write_bytes(one_task("order", "pay", more='name="\x9b31m\u202e"').content)
    builder = WorkflowBuilder("shop", "embedded://").with_process(path)

    async def pay(task):
        raise ValueError(EVIL)

    async with process_environment(builder.with_handler("order_pay", pay)) as process:
        instance = await process.start("order", {"text": EVIL})
        await process.wait_idle()
        with pytest.raises(AssertionError) as caught:
            assert_that(instance).is_completed()
    assert acting(str(caught.value)) == set()
    assert "\\x1b[31m" in str(caught.value)


def test_alerts_carry_the_words_and_act_on_nothing():
    wording = Wording("https://operate/")
    for notice in (wording.incident(alert(EVIL, element=EVIL)), wording.resolved(alert(EVIL), 2)):
        assert acting(notice.title + notice.body) == set()
        assert "\n" not in notice.title
    assert "\\x1b[31mred" in wording.incident(alert(EVIL)).body


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_channels_with_markup_of_their_own_escape_it(kind):
    text = wording_of("[amount](http://evil) *bold* <b>bold</b>")
    sent = convert_between(NotifyFormat.TEXT, NotifyFormat(kind), content=text)
    assert ("[amount](" in sent, "<b>" in sent) == (kind == "html", False)


def wording_of(message):
    return Wording().incident(alert(message)).body
