"""Test data that cannot be used: file, line and remedy are said."""

import re
import shutil

import pytest
from tests.support import cases, manifest, shapes
from tests.support.cases import BadCaseFile, read, read_data

RESTORE = r"; bring it back with: git checkout -- tests/cases/"
AGAIN = r" \(recorded again on purpose\? then run: python -m tests.support.manifest\)$"


@pytest.fixture
def spoil(tmp_path):
    """Gives a folder with one file of test data, whose content was changed, and the manifest."""

    def make(name, change):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(cases.CASES / cases.MANIFEST, tmp_path)
        (tmp_path / name).write_bytes(change((cases.CASES / name).read_bytes()))
        return tmp_path

    return make


def replaced(old, new):
    def change(content):
        assert old in content
        return content.replace(old, new, 1)

    return change


def refusal(name, root, reader=read_data):
    with pytest.raises(BadCaseFile) as found:
        reader(name, root)
    return str(found.value)


FEEL = "feel/recorded.jsonl"
SPOILT = [
    (FEEL, replaced(b'"key": "1--1", "kind"', b'"key": "1--1" "kind"'), 3,
     "no JSON: Expecting ',' delimiter"),
    (FEEL, replaced(b'"key": "1--1", ', b""), 3, "the key 'key' is missing"),
    (FEEL, replaced(b'"key": "1--1", "kind": "value"', b'"key": "1--1", "kind": "valu"'), 3,
     "kind: unknown kind 'valu'; known are value, failure, syntax"),
    ("timers/timers.jsonl", replaced(b'"PT1M"', b"60"), 1, "text: 60 is no str"),
    ("feel-conditions/minimal.jsonl", replaced(b'"real": {"kind"', b'"real": {"kinds"'), 1,
     "real: the key 'kind' is missing"),
    ("broker/s01_straight.json", replaced(b'"rpc"', b'"rcp"'), 9,
     "steps/0: a step has one of rpc, clock_add_ms, note"),
    ("broker/s01_straight.json", replaced(b'"steps": [', b'"steps": [,'), 8,
     "no JSON: Expecting value"),
    ("xml/expected.json", replaced(b'"taken": true', b'"taken": 1'), 4, "0/taken: 1 is no bool"),
    ("models/deploy-results.json", lambda _: b"[]", 1, "[] has no keys"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "line", "why"), SPOILT)
def test_a_recording_that_is_not_valid_says_where_and_what_to_do(spoil, name, change, line, why):
    root = spoil(name, change)
    said = refusal(name, root)
    assert said.startswith(f"{root / name}:{line}: {why}")
    assert re.search(f"{RESTORE}{name}{AGAIN}", said)


SCENARIOS = "scenarios/jobs.yaml"
HAND_WRITTEN = [
    (b"    - create:", b"    - craete:", 9, "unknown verb 'craete'; known are activate, "),
    (b"    - create:", b"    - create: {a: 1}\n      fail x:", 9, "a step is one line, "),
    (b"    - create:", b"    - create: ]", 9, "no YAML: "),
    (
        b"a job without retries is",
        b"a job fails and is tried again:\n  steps: []\na job is",
        14,
        "no YAML: 'a job fails and is tried again' is there twice",
    ),
    (b"    - create:", b"    - \xff", 9, "no UTF-8: invalid start byte"),
    (b"  steps:\n", b"  step:\n", 3, "a job fails and is tried again: the key 'steps' is missing"),
]


@pytest.mark.parametrize(("old", "new", "line", "why"), HAND_WRITTEN)
def test_scenarios_that_are_not_valid_say_where_and_what_to_do(spoil, old, new, line, why):
    root = spoil(SCENARIOS, replaced(old, new))
    said = refusal(SCENARIOS, root)
    assert said.startswith(f"{root / SCENARIOS}:{line}: ")
    assert why in said
    assert re.search(f"{RESTORE}{SCENARIOS}$", said)


@pytest.mark.parametrize("name", [FEEL, SCENARIOS, "xml/expected.json", cases.MANIFEST])
@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"\0" + content,
        lambda content: b"\xe9\xff" + content,
        lambda _: b"[" * 100_000,
        lambda _: b"5\n",
    ],
    ids=["empty", "half", "NUL", "Latin-1", "nested", "number"],
)
def test_whatever_a_file_holds_it_is_named_with_what_to_do(spoil, name, change):
    root = spoil(name, change)
    said = refusal(name, root)
    assert said.startswith(str(root / name))
    assert re.search(RESTORE + name, said)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / SCENARIOS).mkdir(parents=True)
    shutil.copy(cases.CASES / cases.MANIFEST, tmp_path)
    assert ": cannot be read: Is a directory; bring it back" in refusal(SCENARIOS, tmp_path)


def test_a_recording_that_was_cut_short_says_how_much_is_left(spoil):
    root = spoil(FEEL, lambda content: b"".join(content.splitlines(keepends=True)[:100]))
    listed = cases.manifest()[FEEL]["cases"]
    assert f": 100 cases, but {listed} were recorded; bring it back" in refusal(FEEL, root)


@pytest.mark.parametrize("reader", [read, read_data])
def test_a_recording_that_was_edited_is_refused(spoil, reader):
    root = spoil(FEEL, replaced(b'{"number": "2"}', b'{"number": "3"}'))
    said = refusal(FEEL, root, reader)
    assert said.startswith(f"{root / FEEL}: not as it was recorded; recordings are not edited")
    assert re.search(f"{RESTORE}{FEEL}{AGAIN}", said)


@pytest.mark.parametrize("name", [FEEL, "xml/bom.bpmn", "feel/unary.txt"])
def test_a_missing_file_is_an_error(spoil, name):
    root = spoil(name, bytes)
    (root / name).unlink()
    assert f"{root / name}: the file is missing{RESTORE}{name}" in refusal(name, root, read)


def test_a_missing_recording_is_still_a_test(spoil):
    root = spoil(FEEL, bytes)
    (root / FEEL).unlink()
    assert cases.names("feel/*", root) == [FEEL]


def test_a_pattern_without_files_is_an_error():
    with pytest.raises(BadCaseFile, match=r"manifest.json: no file broker/t\*.json is listed"):
        cases.names("broker/t*.json")


def test_a_manifest_that_is_not_valid_is_an_error(spoil):
    root = spoil(cases.MANIFEST, replaced(b'"sha256"', b'"sha"'))
    assert ":2: broker/bpmn/badfeel.bpmn: the key 'sha256' is missing" in refusal(FEEL, root)


def test_data_that_nobody_has_described_is_an_error(spoil):
    root = spoil(FEEL, bytes)
    (root / "new.json").write_text("{}")
    with pytest.raises(LookupError, match=r"new\.json: add its shape to SHAPES in tests/support"):
        read_data("new.json", root)


def test_what_is_recorded_again_is_listed_again(spoil):
    root = spoil(FEEL, replaced(b'{"number": "2"}', b'{"number": "3"}'))
    manifest.write(cases.MANIFEST, manifest.own(root), root)
    assert len(read_data(FEEL, root)) == cases.manifest()[FEEL]["cases"]


def test_the_verbs_of_scenarios_are_those_that_can_be_played():
    from tests.conformance.script import _VERBS

    assert sorted(shapes.VERBS) == sorted(_VERBS)
