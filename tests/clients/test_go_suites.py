"""The Go client's own integration tests, and those of zbctl, against the engine.

They come with the Go module. A container of a broker, which they start, is the engine here; two
packages of tests, each with an engine of its own.
"""

import json
import subprocess
import sys
from typing import NamedTuple

import pytest
from tests.clients import packages, suites
from tests.clients.dev import HERE
from tests.support.commands import environment
from tests.support.dev import Dev
from tests.support.waiting import PATIENCE

NO_DECISIONS = "does not evaluate decisions (DMN)"
NAMED = "Broker 0 - embedded:26501"
NAMED_IN_JSON = '"host": "embedded"'


class Suite(NamedTuple):
    """A package of tests.

    ``expected`` maps a test below ``parent`` to a part of what it says when it fails: what the
    engine does not do today, or does otherwise.
    """

    parent: str
    expected: dict[str, str]


SUITES = {
    # Not run are TestLicense, which reads source files and no gateway, TestOAuthIntegration, which
    # needs an identity provider, and TestSlowWorker: it waits for a line of a broker's log.
    "test": Suite(
        "TestIntegration",
        {"TestEvaluateDecision": NO_DECISIONS},
    ),
    "cmd/zbctl": Suite(
        "TestZbctlWithInsecureGateway/TestCommonCommands",
        {
            # They expect a broker with an IP address.
            "using_insecure_env_var": NAMED,
            "using_json_flag": NAMED_IN_JSON,
            "using_json_flag_and_host_and_port_arguments": NAMED_IN_JSON,
            "evaluate_decision_with_decision_id": NO_DECISIONS,
            "evaluate_decision_with_decision_key": NO_DECISIONS,
            "delete_resource": "The embedded engine does not delete resources",
            # It knows the key of the job: how many keys a broker gives out before that.
            "update_job_timeout": "job deadline with key '2251799813685371', but no such job",
        },
    ),
}


def _pattern(name, *tests):
    """Go's pattern for a test by its full name, or for some of those below it."""
    levels = (*name.split("/"), "|".join(tests)) if tests else name.split("/")
    return "/".join(f"^({level})$" for level in levels)


def _play(dev, folder, *options):
    """Runs a test binary; test -> all that it said if it failed, empty if it passed."""
    monitoring = dev.said[0].split()[-1]
    go = packages.tool("go")
    done = subprocess.run(
        [go, "tool", "test2json", "./suite.test", "-test.v=test2json", *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        cwd=folder,
        env=environment(GATEWAY_ADDRESS=dev.address, MONITORING_ADDRESS=monitoring),
    )
    found, said = {}, {}
    for event in map(json.loads, done.stdout.splitlines()):
        test = event.get("Test", "")
        if event["Action"] == "output":
            said[test] = said.get(test, "") + event["Output"]
        elif test and event["Action"] in {"pass", "fail"}:
            found[test] = event["Action"]
    assert found, done.stdout + done.stderr
    # A test may fail by what its parent says.
    return {
        test: "" if how == "pass" else said[test.rpartition("/")[0]] + said[test]
        for test, how in found.items()
    }


@pytest.fixture
def dev():
    dev = Dev((sys.executable, HERE / "go" / "dev_with_monitoring.py"))
    yield dev
    dev.stop()


@pytest.mark.parametrize(
    "package",
    [pytest.param(name, marks=pytest.mark.xdist_group(f"go {name}")) for name in SUITES],
)
def test_they_find_what_the_engine_does_today(dev, package):
    folder = packages.go_suites() / package
    parent, expected = SUITES[package]
    top = parent.partition("/")[0]
    found = _play(
        dev, folder, "-test.run", _pattern(top), "-test.skip", _pattern(parent, *expected)
    )
    # What fails ends all that comes after it, so these run one by one.
    for test in expected:
        name = f"{parent}/{test}"
        found |= {name: _play(dev, folder, "-test.run", _pattern(name)).get(name, "")}
    suites.check(found, {f"{parent}/{test}": text for test, text in expected.items()})
