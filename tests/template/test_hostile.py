"""Answers that try to break out: refused before anything is written, or rendered as they are."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import template_extensions
import yaml

ROOT = Path(__file__).resolve().parents[2]


def refused(tmp_path: Path, **answers: str) -> str:
    """The message of a run that must end without writing anything."""
    command = [sys.executable, "-m", "cookiecutter", str(ROOT), "--no-input", "--default-config"]
    pairs = [f"{key}={value}" for key, value in answers.items()]
    out = tmp_path / "out"
    done = subprocess.run(
        [*command, "-o", str(out), *pairs], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert not out.exists() or not list(out.iterdir())
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "",
        "My Service",
        "my_service",
        "-service",
        "service-",
        "my--service",
        "2nd-service",
        "sérvice",
        "../../escape",
        "a/b",
        "a'b",
        'a"b',
        "a\\b",
        "a\nb",
        "a;rm -rf",
        "$(id)",
        "x" * 200,
        "class",
        "match",
        "json",
        "workflow-runtime",
        "zeebe",
    ],
)
def test_a_name_that_is_no_name_is_a_problem(name):
    answers = {"description": "d", "author": "a", "organisation": "", "runtime_source": "vendored"}
    (first, *_) = template_extensions.problems({"service_name": name, **answers})
    assert first.startswith("service_name: ")


def test_all_problems_are_told_at_once_and_nothing_is_written(tmp_path):
    message = refused(tmp_path, service_name="../My Service", author=" ", description="x" * 201)
    assert message.splitlines()[0] == "The service was not generated. Please correct:"
    assert [line.split(":")[0].strip() for line in message.splitlines()[1:]] == [
        "- service_name",
        "- description",
        "- author",
    ]


@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "{{", "{% raw %}", "{# note #}", "a {{ cookiecutter.x }} b"]
)
@pytest.mark.parametrize("key", ["service_name", "description"])
def test_template_code_is_refused_and_never_run(tmp_path, key, text):
    assert "looks like template code" in refused(tmp_path, **{key: text})


def test_template_code_that_was_typed_at_the_prompt_is_refused():
    answers = {"service_name": "a1", "author": "a", "organisation": "", "runtime_source": "pypi"}
    (problem,) = template_extensions.problems({**answers, "description": "{{ x }}"})
    assert problem.startswith("description: ")


@pytest.mark.parametrize(
    "text",
    [
        "says \"hello\" and 'bye'",
        "back\\slash \\n \\u0041 \\",
        "\"\"\"triple\"\"\" and '''triple'''",
        'r"""\n"""'.replace("\n", " "),
        "ünïcödé 漢字 عربى 🚀",
        "$HOME ${PATH} $(id) `id`",
        "<script>alert(1)</script> & co",
        "# comment: [yes] {no} - *bold* | pipe",
        "%s %(x)s {x} {0}",
        "import os; os.system('true')",
        "x" * 200,
    ],
)
def test_free_text_arrives_as_it_was_written(bake, tool, text):
    service = bake(description=text, author=text, organisation=text)
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["description"] == text
    assert project["authors"] == [{"name": text}]
    assert text in (service / "LICENSE").read_text(encoding="utf-8")
    yaml.safe_load((service / "compose.yaml").read_text(encoding="utf-8"))
    tool(service, "hadolint", "Dockerfile")
    for path in service.rglob("src/**/*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")


@pytest.mark.parametrize(
    "text", ["two\nlines", "bell\a", "zero\0", "\u202eright to left", "a\u2028b"]
)
def test_control_characters_are_a_problem(text):
    answers = {"service_name": "a1", "author": "a", "organisation": "", "runtime_source": "pypi"}
    (problem,) = template_extensions.problems({**answers, "description": text})
    assert "control characters" in problem


def test_the_git_source_needs_an_address_that_others_can_reach(tmp_path):
    (tmp_path / ".git").mkdir()
    config = tmp_path / ".git" / "config"
    config.write_text('[remote "origin"]\n\turl = /home/me/template\n')
    assert template_extensions.runtime_git(tmp_path) == ""
    config.write_text('[remote "origin"]\n\turl = git@git.example.com:team/t.git\n')
    assert template_extensions.runtime_git(tmp_path) == "ssh://git@git.example.com/team/t.git"


def test_credentials_of_the_person_who_bakes_stay_out_of_the_git_address(tmp_path):
    (tmp_path / ".git").mkdir()
    url = "https://ann:token@git.example.com/team/t.git"
    (tmp_path / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {url}\n')
    assert template_extensions.runtime_git(tmp_path) == "https://git.example.com/team/t.git"
