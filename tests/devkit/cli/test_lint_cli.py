"""`workflow lint` as people, programs and code hosts see it."""

import json

import pytest
from tests.support.drawing import straight, task
from typer.testing import CliRunner

from workflow_devkit.lint import RULES
from workflow_runtime.cli._app import app


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "bpmn" / "good.bpmn").write_bytes(straight(task("a")))
    return tmp_path


@pytest.fixture
def bad(folder):
    mapping = '<zeebe:ioMapping><zeebe:input source="=x &gt;" target="y" /></zeebe:ioMapping>'
    content = straight(task("a", mapping)).replace(b'"p"', b'"q"').replace(b'"p_', b'"q_')
    (folder / "bpmn" / "bad.bpmn").write_bytes(content)
    return folder


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["lint", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout if code < 2 else result.stderr


def test_a_clean_folder_ends_with_0(folder):
    assert "no findings" in run("bpmn")


def test_hidden_files_and_folders_are_left_out(folder):
    (folder / ".venv").mkdir()
    (folder / ".venv" / "theirs.bpmn").write_text("no diagram")
    (folder / "bpmn" / "._good.bpmn").write_bytes(b"\x00\x05\x16\x07")
    assert "no findings" in run(".")


def test_findings_are_grouped_by_file_with_place_element_rule_and_remedy(bad):
    text = run("bpmn", code=1)
    assert "bpmn/bad.bpmn\n" in text
    assert "good.bpmn" not in text
    assert "error   a (a): has a input mapping" not in text
    assert "error   a (a): has an input mapping to y that is no FEEL expression" in text
    assert "-> mend the expression" in text
    assert text.strip().endswith("1 error")


def test_a_glob_names_files(bad):
    assert "1 error" in run("bpmn/b*.bpmn", code=1)


def test_json_has_every_field(bad):
    (finding,) = json.loads(run("bpmn", "--json", code=1))
    assert finding["rule"] == "feel"
    assert finding["file"] == "bpmn/bad.bpmn"
    assert finding["element"] == "a"
    assert finding["column"] > 0


def test_github_shows_findings_at_their_lines(bad):
    line = run("bpmn", "--format", "github", code=1).strip()
    assert line.startswith("::error file=bpmn/bad.bpmn,line=")
    assert ",title=feel::a (a): has an input mapping" in line
    assert "%0A" not in line


def test_sarif_names_rules_and_places(bad):
    log = json.loads(run("bpmn", "--format", "sarif", code=1))
    (each,) = log["runs"]
    (result,) = each["results"]
    place = result["locations"][0]["physicalLocation"]
    assert log["version"] == "2.1.0"
    assert {rule["id"] for rule in each["tool"]["driver"]["rules"]} == set(RULES)
    assert place["artifactLocation"]["uri"] == "bpmn/bad.bpmn"
    assert place["region"].keys() == {"startLine", "startColumn"}
    assert result["level"] == "error"


def test_one_rule_can_be_asked_for_or_set_to_another_level(bad):
    assert "no findings" in run("bpmn", "--rule", "timer")
    assert "1 warning" in run("bpmn", "--rule", "feel=warning")
    assert "no findings" in run("bpmn", "--rule", "feel=off")


def test_the_profile_of_the_command_line_wins(folder):
    (folder / "bpmn" / "user.bpmn").write_bytes(straight('<userTask id="a" />'))
    (folder / "pyproject.toml").write_text('[tool.workflow.lint]\nprofile = "zeebe"\n')
    assert "profile" not in run("bpmn/user.bpmn")
    assert "is a userTask" in run("bpmn/user.bpmn", "--profile", "description", code=1)


def test_diagrams_outside_of_the_project_are_judged_by_its_settings(folder, monkeypatch):
    (folder / "bpmn" / "user.bpmn").write_bytes(straight('<userTask id="a" />'))
    project = folder / "project"
    (project / "bpmn").mkdir(parents=True)
    (project / "pyproject.toml").write_text('[tool.workflow.lint]\nprofile = "zeebe"\n')
    (project / "bpmn" / "linked.bpmn").symlink_to(folder / "bpmn" / "user.bpmn")
    monkeypatch.chdir(project)
    assert "profile" not in run("../bpmn/user.bpmn")
    assert "profile" not in run("bpmn")
    assert "is a userTask" in run("bpmn", "--profile", "description", code=1)
    # What stands above the file goes before what stands above the working directory.
    (folder / "pyproject.toml").write_text('[tool.workflow.lint]\nprofile = "description"\n')
    assert "is a userTask" in run("../bpmn/user.bpmn", code=1)


@pytest.mark.slow
def test_every_rule_is_listed(folder):
    listed = json.loads(run("--list-rules", "--json"))
    assert [each["name"] for each in listed] == list(RULES)
    assert all(name in run("--list-rules") for name in RULES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which files? For example: workflow lint bpmn"),
        (("absent.bpmn",), "no such file"),
        (("bpmn", "--rule", "fel"), "no rule 'fel'; did you mean 'feel'?"),
        (("bpmn", "--rule", "feel=of"), "no level 'of'; did you mean 'off'?"),
        (("bpmn", "--profile", "zebe"), "no profile 'zebe'; did you mean 'zeebe'?"),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_a_suggestion(folder, arguments, said):
    assert said in run(*arguments, code=2)


def test_settings_that_cannot_be_read_end_with_2(folder):
    (folder / "pyproject.toml").write_text('[tool.workflow.lint]\nrules = { fel = "off" }\n')
    assert "did you mean 'feel'?" in run("bpmn", code=2)
