"""`workflow migrate-check` as people, programs and CI see it."""

import json
import os

import pytest
from typer.testing import CliRunner

from workflow_devkit.cli import migrate_check
from workflow_runtime.cli._app import app

SERVICE = """\
from pyzeebe import ZeebeWorker
worker = ZeebeWorker(None)
@worker.task(task_type="charge", timeout_ms=5000)
async def charge(amount): ...
"""


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "service.py").write_text(SERVICE)
    return tmp_path


def run(*arguments, code=1):
    result = CliRunner().invoke(app, ["migrate-check", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_each_use_has_its_place_our_word_and_the_section_of_the_page(service):
    text = run("src")
    assert text.startswith("src/service.py\n")
    assert "3:2  info    the handler of 'charge'  keywords-of-a-task" in text
    assert "-> `@builder.task('charge')`" in text
    assert "3:34  warning task(timeout_ms=…)" in text
    assert "5000 ms are 5 s" in text


def test_a_summary_counts_handlers_and_suggests_an_order(service):
    text = run("src")
    assert "1 handler: 0 by other words alone, 1 to be looked at" in text
    assert "those where something behaves differently: 'charge' (src/service.py:3)" in text


def test_nothing_of_pyzeebe_ends_with_0(service):
    (service / "src" / "service.py").write_text("import workflow_runtime\n")
    assert run("src", code=0) == "1 file read: nothing of pyzeebe in them\n"


def test_json_has_findings_handlers_and_order(service):
    report = json.loads(run("src", "--json"))
    assert {each["file"] for each in report["findings"]} == {"src/service.py"}
    [handler] = report["handlers"]
    assert (handler["task_type"], handler["line"], handler["effort"]) == ("'charge'", 3, "warning")
    assert (report["files"], report["unreadable"]) == (1, [])
    assert report["order"][0].startswith("1. install")


@pytest.mark.parametrize("output", ["github", "sarif"])
def test_code_hosts_get_their_formats(output, service):
    text = run("src", "--format", output)
    assert "keywords-of-a-task" in text
    assert "In this order" not in text


def test_files_folders_and_globs_are_taken(service):
    (service / "src" / "other.py").write_text("import pyzeebe as p\n")
    assert "other.py" not in run("src/service.py")
    assert "service.py" not in run("src/o*.py")


@pytest.mark.parametrize("name", [".venv", "venv", "node_modules", "__pycache__"])
def test_environments_and_hidden_folders_are_passed_over(name, service):
    (service / name).mkdir()
    (service / name / "pyzeebe.py").write_text("import pyzeebe\n")
    assert name not in run(".")


def test_an_environment_under_any_name_is_passed_over(service):
    (service / "py311").mkdir()
    (service / "py311" / "pyvenv.cfg").touch()
    (service / "py311" / "module.py").write_text("import pyzeebe\n")
    assert "py311" not in run(".")


def test_a_file_that_cannot_be_read_ends_with_2_and_hides_no_other_one(service):
    (service / "src" / "old.py").write_text("print 'x'\n")
    (service / "src" / "trial.ipynb").write_text('{"source": "import pyzeebe"}')
    text = run("src", code=2)
    assert "is no Python 3" in text
    assert "a notebook: only Python files are read" in text
    assert "the handler of 'charge'" in text


def test_a_link_in_a_circle_and_a_pipe_hang_nobody(service):
    (service / "src" / "again").symlink_to(service / "src")
    os.mkfifo(service / "src" / "pipe.py")
    (service / "src" / "nowhere.py").symlink_to("missing.py")
    assert "the handler of 'charge'" in run("src")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("servise.py", "no such file; did you mean 'service.py'?"),
        ("empty", "no Python file in this folder"),
    ],
)
def test_what_is_not_there_is_said(given, said, service):
    (service / "src" / "empty").mkdir()
    assert said in run(f"src/{given}", code=2)


def test_names_and_texts_of_strangers_do_nothing_to_a_terminal(service):
    hostile = service / "src" / "\x1b[2Jred\n.py"
    hostile.write_text(SERVICE.replace('"charge"', '"\\x1b[31m\u202e"'))
    text = run("src")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2Jred\\n.py" in text


def test_many_files_show_how_far_it_is_and_keep_the_result_clean(service, monkeypatch):
    monkeypatch.setattr(migrate_check, "_MANY", 0)
    assert json.loads(run("src", "--json"))["files"] == 1


def test_the_help_says_what_its_words_mean():
    text = " ".join(run("--help", code=0).split())
    for word in ("nothing is run or imported", "info: another word", "workflow migrate-check src"):
        assert word in text
