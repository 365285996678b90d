"""What a service exposed in real faults rings the right rule within two minutes, and no other.

The recordings are made by ``python -m tests.night.recorded``.
"""

import pytest
from tests.night.recorded import FAULTS
from tests.support import cases
from tests.support.promtool import firing, needs_promtool, try_rules

KNOWN_WITHIN = 120
STEP = 15
RINGS = {
    "nine_minutes_without_mails": ["WorkflowTasksFail"],
    "service_killed": ["WorkflowServiceDown"],
    "replica_killed": ["WorkflowReplicaDown"],
    "killed_again_and_again": ["WorkflowServiceRestarts"],
    "everything_fails": ["WorkflowEverythingFails", "WorkflowIncidents"],
    "engine_gone": ["WorkflowServiceNotReady"],
    "engine_restarts": [],
    "loop_blocked": ["WorkflowServiceStalled"],
    "database_locked": ["WorkflowOutboxAway"],
    "operate_gone": ["WorkflowWatcherBlind"],
    "condition_wrong": ["WorkflowIncidents"],
    "channel_fails": ["WorkflowAlertsLate", "WorkflowIncidents"],
    "memory_leaks": ["WorkflowMemoryNearLimit"],
    "rolling_deploy": [],
}


def recording(name):
    return cases.read_data(f"metrics/{name}.json")


def seconds(begin, end):
    return range(begin - begin % STEP, end, STEP)


def test_every_fault_is_recorded_and_tried():
    recorded = {name.removeprefix("metrics/") for name in cases.names("metrics/*.json")}
    assert {f"{name}.json" for name in FAULTS} == recorded
    assert set(RINGS) == set(FAULTS)


@needs_promtool
@pytest.mark.slow
@pytest.mark.parametrize(("name", "alerts"), RINGS.items())
def test_a_recorded_fault_rings_its_rules_in_time_and_no_other(tmp_path, name, alerts):
    case = recording(name)
    fault, interval = case["fault"], case["interval"]
    others = f'count(ALERTS{{alertstate="firing", alertname!~"{"|".join(alerts)}"}})'
    end = case["settled"] or fault + KNOWN_WITHIN + STEP
    expected = [
        *((f"{at}s", firing(), None) for at in seconds(fault - 2 * STEP, fault)),
        *((f"{fault + KNOWN_WITHIN}s", f"{firing(alert)} > bool 0", 1) for alert in alerts),
        *((f"{at}s", others, None) for at in seconds(fault, end)),
    ]
    try_rules(tmp_path, interval, case["series"], expected, service="registration-service")


@needs_promtool
@pytest.mark.slow
def test_nine_minutes_without_mails_wake_nobody_and_are_over_when_they_are(tmp_path):
    case = recording("nine_minutes_without_mails")
    fault, settled = case["fault"], case["settled"]
    expected = [
        *((f"{at}s", firing(severity="critical"), None) for at in seconds(fault, settled + 150)),
        (f"{settled}s", f"{firing('WorkflowTasksFail')} > bool 0", 1),
        (f"{settled + 120}s", firing(), None),
    ]
    try_rules(tmp_path, case["interval"], case["series"], expected, service="registration-service")


@needs_promtool
@pytest.mark.slow
def test_a_rolling_deploy_rings_nothing_to_its_end(tmp_path):
    case = recording("rolling_deploy")
    expected = [(f"{at}s", firing(), None) for at in seconds(case["fault"], case["settled"] + 150)]
    try_rules(tmp_path, case["interval"], case["series"], expected, service="registration-service")
