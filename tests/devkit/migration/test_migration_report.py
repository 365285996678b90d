"""What programs use of pyzeebe is found where it stands, whatever it is called there."""

import inspect
from collections import defaultdict

import pytest
import pyzeebe
from pyzeebe import Job, SyncZeebeClient, ZeebeClient, ZeebeTaskRouter, ZeebeWorker
from tests.devkit.migration.programs import PROGRAMS

from workflow_devkit.findings import Severity
from workflow_devkit.migration import migration_report
from workflow_devkit.migration.words import ARGUMENTS, WORDS


def found_in(report):
    by_line = defaultdict(set)
    for finding in report.findings:
        by_line[finding.line].add(finding.message)
    return dict(by_line)


def marked_in(program):
    marks = ((n, line.partition("#: ")[2]) for n, line in enumerate(program.splitlines(), 1))
    return {n: {each.strip() for each in mark.split(" | ")} for n, mark in marks if mark}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_everything_is_found_where_it_stands_and_nothing_else(program, tmp_path):
    file = tmp_path / "service.py"
    file.write_text(program)
    report = migration_report([file])
    assert report.unreadable == ()
    assert found_in(report) == marked_in(program)


def test_files_that_import_one_another_are_read_together(tmp_path):
    package = tmp_path / "shop"
    package.mkdir()
    (package / "zeebe.py").write_text(
        "from pyzeebe import ZeebeClient, ZeebeWorker\n"
        "worker = ZeebeWorker(None)\n"
        "async def refuse(error, job, controller):\n"
        "    await controller.set_error_status('no', 'code')\n"
        "class Mail:\n"
        "    def __init__(self, client: ZeebeClient):\n"
        "        self.client = client\n"
    )
    (package / "handlers.py").write_text(
        "from .zeebe import refuse, worker\n"
        "@worker.task('a', exception_handler=refuse)\n"
        "async def a(x): ...\n"
    )
    (package / "mail.py").write_text(
        "from shop import zeebe\n"
        "class Invoices(zeebe.Mail):\n"
        "    async def send(self):\n"
        "        await self.client.publish_message('a', 'b')\n"
    )
    report = migration_report(sorted(package.iterdir()))
    found = {(finding.file.rpartition("/")[2], finding.message) for finding in report.findings}
    assert {
        ("handlers.py", "the handler of 'a'"),
        ("handlers.py", "x"),
        ("mail.py", "ZeebeClient.publish_message"),
        ("zeebe.py", "an exception handler that throws an error with a code"),
    } <= found


@pytest.mark.parametrize(
    ("head", "said"),
    [("async def refuse(error, job, controller): ...", False), ("from other import refuse", True)],
)
def test_an_exception_handler_that_is_in_no_file_is_said(head, said, tmp_path):
    file = tmp_path / "service.py"
    file.write_text(
        f"from pyzeebe import ZeebeWorker\n{head}\nZeebeWorker(None, exception_handler=refuse)"
    )
    [given] = [f for f in migration_report([file]).findings if "exception_handler=" in f.message]
    assert ("its function is in none of these files" in given.remedy) is said


def test_columns_count_characters_and_not_bytes(tmp_path):
    file = tmp_path / "service.py"
    file.write_text("from pyzeebe import Job\ndef f(größe='äöü', *, job: Job): ...\n", "utf-8")
    found = {finding.message: finding.column for finding in migration_report([file]).findings}
    assert found["job: Job"] == file.read_text("utf-8").splitlines()[1].index("job") + 1


def test_the_encoding_that_a_file_names_is_used(tmp_path):
    file = tmp_path / "service.py"
    file.write_bytes("# coding: latin-1\nfrom pyzeebe import Job\nx = 'é'\n".encode("latin-1"))
    report = migration_report([file])
    assert (report.unreadable, found_in(report)) == ((), {2: {"from pyzeebe import Job"}})


UNREADABLE = {
    "Python 2": (b"print 'x'\nimport pyzeebe\n", "it looks like Python 2"),
    "cut off": (b"def f(:\n", "mend it"),
    "UTF-16": ("import pyzeebe".encode("utf-16"), "save it as UTF-8"),
    "no UTF-8": (b"x = 1\ny = '\xff'\n", "save it as UTF-8"),
    "an encoding of no text": (b"# coding: rot13\n", "mend it"),
    "an encoding that packs": (b"# coding: zlib\n", "mend it"),
    "no such encoding": (b"# coding: klingon\n", "mend it"),
    "a null byte": (b"x = '\0'\n", "mend it"),
    "too deep": (b"x = " + b"-" * 100_000 + b"1\n", "leave it out"),
    "a template": (b"import {{ cookiecutter.name }}\n", "mend it"),
}


@pytest.mark.parametrize(("content", "remedy"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(content, remedy, tmp_path):
    bad, good = tmp_path / "bad.py", tmp_path / "good.py"
    bad.write_bytes(content)
    good.write_text("import pyzeebe\n")
    report = migration_report([bad, good])
    [problem] = report.unreadable
    assert (problem.file, problem.severity) == (str(bad), Severity.ERROR)
    assert remedy in problem.remedy
    assert [finding.file for finding in report.findings] == [str(good)]


def test_handlers_are_counted_by_how_much_is_to_be_done(tmp_path):
    file = tmp_path / "service.py"
    file.write_text(
        "from pyzeebe import ZeebeWorker\n"
        "worker = ZeebeWorker(None)\n"
        "@worker.task(task_type='plain')\ndef a(x): ...\n"
        "@worker.task(task_type='waits', timeout_ms=1)\ndef b(x): ...\n"
        "@worker.task(task_type='none')\ndef c(*x): ...\n"
    )
    report = migration_report([file])
    assert [(each.task_type, each.effort) for each in report.handlers] == [
        ("'plain'", Severity.INFO),
        ("'waits'", Severity.WARNING),
        ("'none'", Severity.ERROR),
    ]
    order = "\n".join(report.order())
    assert order.index("'plain'") < order.index("'waits'") < order.index("'none'")


def test_code_without_pyzeebe_has_nothing_to_move(tmp_path):
    file = tmp_path / "service.py"
    file.write_text(
        "from broker import client\n"
        "async def f(worker, job):\n"
        "    await client.publish_message('a', 'b')\n"
        "    worker.task('x')(job.variables)\n"
    )
    report = migration_report([file])
    assert (report.findings, report.summary()) == ((), ())


@pytest.mark.parametrize("name", ["publish_message", "run_process"])
def test_a_wrapper_with_a_name_of_pyzeebe_is_not_taken_for_it(name, tmp_path):
    file = tmp_path / "service.py"
    file.write_text(
        f"import pyzeebe\nclass Ours:\n    def {name}(self): ...\ndef f(ours):\n    ours.{name}()\n"
    )
    assert found_in(migration_report([file])) == {1: {"import pyzeebe"}}


CALLABLES = {
    **{name: getattr(pyzeebe, name) for name in ARGUMENTS if hasattr(pyzeebe, name)},
    **{name: getattr(ZeebeClient, name) for name in ARGUMENTS if hasattr(ZeebeClient, name)},
    "task": ZeebeTaskRouter.task,  # of the same name as a package of pyzeebe's
}


def test_what_is_imported_and_not_used_makes_no_step(tmp_path):
    file = tmp_path / "service.py"
    file.write_text("from pyzeebe import Job, ZeebeClient, ZeebeWorker\n")
    order = "\n".join(migration_report([file]).order())
    assert "the client's calls" not in order
    assert "worker.work()" not in order


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_stand_in_the_order_of_pyzeebe(name):
    parameters = inspect.signature(CALLABLES[name]).parameters
    assert ARGUMENTS[name] == tuple(each for each in parameters if each != "self")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_argument_of_pyzeebe_has_a_word(name):
    owners = {"task": "task"} | dict.fromkeys(set(ARGUMENTS) & set(dir(pyzeebe)), name)
    owner = owners.get(name, f"ZeebeClient.{name}")
    missing = [each for each in ARGUMENTS[name] if f"{owner}({each})" not in WORDS]
    assert missing == []


PUBLIC = {
    "": pyzeebe.__all__,
    "errors": pyzeebe.errors.__all__,
    **{
        f"{kind.__name__}.": [name for name in dir(kind) if not name.startswith("_")]
        for kind in (ZeebeWorker, ZeebeTaskRouter, ZeebeClient, SyncZeebeClient)
    },
    "Job.": [*Job.__dataclass_fields__, "task_result", "set_task_result"],
    "JobController.": [n for n in dir(pyzeebe.JobController) if not n.startswith("_")],
}


@pytest.mark.parametrize("owner", PUBLIC)
def test_every_public_name_of_pyzeebe_has_a_word(owner):
    prefix = owner if owner.endswith(".") else ""
    assert [name for name in PUBLIC[owner] if f"{prefix}{name}" not in WORDS] == []
