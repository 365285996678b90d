"""`workflow incidents` against Operate's double and a real gRPC gateway."""

import json

import pytest
from tests.support.diagrams import one_task
from tests.support.on_call import on_call

from workflow_runtime.cli import _look_again


class Stand:
    """Three failed jobs, and the commands about incidents."""

    def __init__(self, servers):
        self.servers, self.engine, self.operate = servers, servers.engine, servers.operate
        servers.run(servers.gateway.deploy([one_task("order", "pay")]))
        for number in range(3):
            servers.start_instances("order", [{}])
            servers.fail("order_pay", f"refused {number}\nin detail")

    @property
    def open(self):
        return self.servers.open

    def run(self, *arguments, code=0, **others):
        result = self.servers.workflow("incidents", *arguments, **others)
        assert result.exit_code == code, result.output
        return result.stdout + result.stderr if "--json" not in arguments else result.stdout


@pytest.fixture
def stand(monkeypatch):
    monkeypatch.setattr(_look_again, "_JOBS", 0.0)
    with on_call() as servers:
        yield Stand(servers)


def test_list_shows_the_first_line_and_show_all_of_it(stand):
    found = json.loads(stand.run("list", "--json"))
    assert [each["element_id"] for each in found] == ["pay"] * 3
    assert "refused 0 in detail" in stand.run("list")
    assert "3 open incidents" in stand.run("list")
    text = stand.run("show", str(found[0]["key"]))
    assert "refused 0\nin detail" in text


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (("--process", "order"), 3),
        (("--process", "other"), 0),
        (("--element", "pay"), 3),
        (("--element", "ship"), 0),
        (("--error", "JOB_NO_RETRIES"), 3),
        (("--error", "IO_MAPPING_ERROR"), 0),
        (("--instance", "1"), 0),
        (("--older-than", "0s"), 3),
        (("--older-than", "3650d"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_incidents_are_chosen(stand, chosen, count):
    assert len(json.loads(stand.run("list", *chosen, "--json"))) == count


def test_a_dry_run_resolves_nothing(stand):
    assert "3 would be resolved" in stand.run("resolve", "--process", "order", "--dry-run")
    assert len(stand.open) == 3


def test_many_are_resolved_with_new_attempts_and_a_summary(stand):
    assert "3 resolved" in stand.run("resolve", "--element", "pay", "--retries", "5")
    assert stand.open == []
    assert {job.retries for job in stand.engine.jobs._jobs.values()} == {5}


def test_one_that_is_gone_meanwhile_stops_no_other(stand):
    first = next(iter(stand.engine.incidents))
    stand.servers.behind = True
    stand.engine.update_job_retries(first.job.key, 1)
    stand.engine.resolve_incident(first.key)
    stand.servers.behind = False
    result = json.loads(stand.run("resolve", "--all", "--json"))
    assert result["summary"] == {"gone": 1, "resolved": 2}


def test_a_key_that_is_not_open_is_said(stand):
    assert "not open: 4711" in stand.run("resolve", "4711", code=1)


def test_nothing_chosen_resolves_nothing(stand):
    assert "resolve: which?" in stand.run("resolve", code=2)
    assert len(stand.open) == 3


def test_an_absent_operate_is_one_line(stand):
    text = stand.run("list", "--operate", "http://127.0.0.1:1", code=3)
    assert "Operate at http://127.0.0.1:1" in text


def test_refused_credentials_are_another_exit_code_and_say_what_to_check(stand):
    text = stand.run("list", code=4, WORKFLOW_OPERATE_PASSWORD="wrong")
    assert "refuses the login of demo (401): check WORKFLOW_OPERATE_USER" in text


def test_an_incident_that_operate_does_not_know_is_said(stand):
    assert "does not know /v1/incidents/4711" in stand.run("show", "4711", code=1)


def test_an_absent_gateway_fails_the_rest_without_waiting_for_each(stand, monkeypatch):
    monkeypatch.setattr("workflow_runtime.cli._incidents._PATIENCE", 0.5)
    result = stand.run("resolve", "--all", "--json", "--address", "http://127.0.0.1:1", code=1)
    outcomes = [each["outcome"].partition(" ")[0] for each in json.loads(result)["incidents"]]
    assert outcomes == ["failed:"] * 3
    assert len(stand.open) == 3


def test_the_instance_chooses(stand):
    (first, *_) = stand.engine.incidents
    instance = str(json.loads(stand.run("list", "--json"))[0]["instance_key"])
    found = json.loads(stand.run("list", "--instance", instance, "--json"))
    assert [each["key"] for each in found] == [first.key]


@pytest.mark.parametrize("mistyped", [("--process", "ordr"), ("--error", "JOB_NO_RETRY")])
def test_where_nothing_is_found_it_is_said_what_there_is(stand, mistyped):
    text = stand.run("list", *mistyped)
    assert "no open incident matches" in text
    assert "open are: 3 JOB_NO_RETRIES in order" in text


def test_a_type_is_read_in_small_letters_too(stand):
    assert "3 open incidents" in stand.run("list", "--error", "job_no_retries")
