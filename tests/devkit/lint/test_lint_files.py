"""Lint over several files: none stops the others, and settings come from pyproject.toml."""

from pathlib import Path

import pytest
from tests.support.drawing import straight, task

from workflow_devkit.findings import Severity
from workflow_devkit.lint import (
    RULES,
    LintConfigError,
    Options,
    Profile,
    find_config,
    lint_files,
    read_config,
)


def plain(path: Path) -> Options:
    return Options()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.bpmn").write_bytes(straight(task("a")))
    (tmp_path / "broken.bpmn").write_bytes(b"<definitions")
    (tmp_path / "c.bpmn").write_bytes(straight(task("a", retries="many")))
    return tmp_path


def test_a_file_that_cannot_be_read_is_one_finding_and_the_others_are_linted(folder):
    files = [folder / name for name in ("a.bpmn", "broken.bpmn", "c.bpmn", "absent.bpmn")]
    found = lint_files(files, plain)
    rules = {(Path(finding.file).name, finding.rule) for finding in found}
    assert {("broken.bpmn", "unreadable"), ("absent.bpmn", "unreadable")} <= rules
    assert ("c.bpmn", "retries") in rules
    (broken,) = (finding for finding in found if finding.file.endswith("broken.bpmn"))
    assert broken.line == 1
    assert "expected an XML file" in broken.message
    assert broken.remedy == "export the diagram again from the modeler"


def test_a_file_that_is_not_there_is_said_with_a_remedy(tmp_path):
    (finding,) = lint_files([tmp_path / "absent.bpmn"], plain)
    assert finding.message == "the file cannot be read: No such file or directory"
    assert finding.remedy == "check its path and its rights"


def test_a_process_of_two_files_is_found_where_it_comes_again(folder):
    found = lint_files([folder / "a.bpmn", folder / "c.bpmn"], plain, ["duplicate-process"])
    (finding,) = found
    assert finding.file.endswith("c.bpmn")
    assert finding.element == "p"
    assert "a.bpmn" in finding.message


def test_hostile_xml_is_one_finding(tmp_path):
    bomb = tmp_path / "bomb.bpmn"
    bomb.write_text('<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>')
    (finding,) = lint_files([bomb], plain)
    assert finding.rule == "unreadable"
    assert "document type" in finding.message


def config(folder: Path, text: str) -> Options:
    (folder / "pyproject.toml").write_text(text)
    return read_config(find_config(folder / "bpmn" / "x.bpmn"), RULES)


def test_settings_are_read_from_the_nearest_pyproject_that_has_them(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.other]\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.workflow.lint]\nprofile = "zeebe"\ntask-name = "{task}"\n'
        'rules = { feel = "off", timer = "warning" }\n'
    )
    options = read_config(find_config(inner / "x.bpmn"), RULES)
    assert options == Options(
        Profile.ZEEBE, {"feel": None, "timer": Severity.WARNING}, task_name="{task}"
    )


def test_levels_of_rules_are_changed_and_switched_off(folder):
    def asked(level):
        return lambda path: Options(levels={"retries": level})

    (finding,) = lint_files([folder / "c.bpmn"], asked(Severity.INFO), ["retries"])
    assert finding.severity is Severity.INFO
    assert lint_files([folder / "c.bpmn"], asked(None), ["retries"]) == ()


def test_names_follow_the_pattern_of_the_project(tmp_path):
    file = tmp_path / "x.bpmn"
    file.write_bytes(straight(task("a", type_="sendEmail")))
    options = config(tmp_path, '[tool.workflow.lint]\ntask-name = "{task}"\n')
    assert lint_files([file], lambda path: options, ["name-pattern"]) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('rules = { fel = "off" }', "no rule 'fel'; did you mean 'feel'?"),
        ('rules = { feel = "of" }', "no level 'of'; did you mean 'off'?"),
        ('profil = "zeebe"', "no key 'profil'; did you mean 'profile'?"),
        ('profile = "zebe"', "no profile 'zebe'; did you mean 'zeebe'?"),
        ("profile = 8", "no profile '8'"),
        ("rules = 1", "rules: expected a table"),
        ('task-name = "{process"', "task-name: expected a pattern"),
        ("task-name = [", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_a_suggestion(tmp_path, text, said):
    with pytest.raises(LintConfigError) as caught:
        config(tmp_path, f"[tool.workflow.lint]\n{text}\n")
    assert said in str(caught.value)
    assert "pyproject.toml" in str(caught.value)


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\nworkflow = 1", "[tool.workflow]\nlint = 1"])
def test_a_table_that_is_none_is_refused(tmp_path, text):
    with pytest.raises(LintConfigError, match="expected a table"):
        config(tmp_path, text)
