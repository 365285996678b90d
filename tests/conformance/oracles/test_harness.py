"""The oracles' own machinery: bad input and dead processes are told, never waited for."""

import json
import shutil
import sys

import pytest
from tests.conformance.oracles import fetching
from tests.conformance.oracles.asking import VERSIONS, Oracle, OracleError, check_versions
from tests.conformance.oracles.fetching import HERE, fetched

PLAYED = """
import json, sys
for line in sys.stdin:
    print(json.dumps([{} for _ in json.loads(line)]), flush=True)
"""


def played(program, *, patience=20.0):
    return Oracle((sys.executable, "-c", program), patience)


def test_every_question_is_answered_in_more_than_one_batch():
    with played(PLAYED) as oracle:
        assert oracle.ask("any", [{}] * 1_234) == [{}] * 1_234


def test_a_process_that_dies_is_told_with_what_it_said():
    dying = "import sys; sys.stdin.readline(); sys.exit('out of ink')"
    with (
        played(dying) as oracle,
        pytest.raises(OracleError, match=r'(?s)ended with 1 .*"text": "P1D".*out of ink'),
    ):
        oracle.ask("timer", [{"text": "P1D"}])


def test_a_process_that_is_dead_already_is_told_too():
    with played("import sys; sys.exit('no Java today')") as oracle:
        oracle._process.wait()
        with pytest.raises(OracleError, match=r"(?s)ended with 1 .*no Java today"):
            oracle.ask("timer", [{}] * 600)


def test_a_process_that_does_not_answer_is_ended():
    with (
        played("import sys; sys.stdin.read()", patience=0.2) as oracle,
        pytest.raises(OracleError, match=r"gave no answer in 0\.2 s"),
    ):
        oracle.ask("timer", [{}])


def test_an_oracle_of_another_version_is_refused(tmp_path):
    expected = tmp_path / "versions.json"
    expected.write_text(json.dumps({"org.camunda.feel:feel-engine": "1.17.8"}), encoding="utf-8")
    newer = PLAYED.replace("[{}", '[{"org.camunda.feel:feel-engine": "1.18.0"}')
    with (
        played(newer) as oracle,
        pytest.raises(
            OracleError,
            match=r"(?s)versions\.json: .*feel-engine 1\.17\.8, but the oracle is 1\.18\.0\. .*pom",
        ),
    ):
        check_versions(oracle, expected)


def test_a_part_that_the_oracle_lacks_is_refused():
    with played(PLAYED) as oracle, pytest.raises(OracleError, match="the oracle is None"):
        check_versions(oracle, VERSIONS)


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Stands for Maven and the compiler: leaves what they would, or fails."""
    made = []

    def run(*command, hint=""):
        made.append(command[0])
        if command[0] == "javac" and (tmp_path / "broken").exists():
            pytest.fail("javac ended with 1")

    monkeypatch.setattr(fetching, "run", run)
    return made


def test_a_program_that_does_not_compile_leaves_no_folder(tmp_path, tools):
    (tmp_path / "broken").touch()
    with pytest.raises(pytest.fail.Exception, match="javac"):
        fetched(HERE, tmp_path / "cache")
    assert tools == ["mvn", "javac"]
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_changed_source_is_fetched_anew(tmp_path, tools):
    source = shutil.copytree(HERE, tmp_path / "source", ignore=shutil.ignore_patterns("*.py"))
    first = fetched(source, tmp_path / "cache")
    (source / "pom.xml").write_text("<project/>", encoding="utf-8")
    assert fetched(source, tmp_path / "cache") != first


@pytest.mark.oracle
def test_the_real_engine_refuses_questions_for_nobody(oracle):
    with (
        Oracle(oracle._process.args) as other,
        pytest.raises(OracleError, match="no oracle 'weather'"),
    ):
        other.ask("weather", [{}])
