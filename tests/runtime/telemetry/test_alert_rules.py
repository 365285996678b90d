"""Each rule of the template rings within two minutes of its fault, and once for one fault.

Faults begin at 12 minutes. What a service really exposes in such faults is in
`test_recorded_faults.py`.
"""

import pytest
from tests.runtime.telemetry.rule_series import (
    BEFORE,
    BLIND,
    DROPPED,
    INCIDENTS,
    INFO,
    INFO_B,
    INFO_ELSEWHERE,
    KILLED,
    LATE,
    LEAK,
    LIVE,
    LIVE_B,
    LOST,
    MEMORY,
    OLDEST,
    OPEN,
    OPEN_B,
    OTHER,
    OUTBOX_UP,
    OUTBOX_UP_B,
    PARKED,
    READY,
    READY_B,
    RISES,
    STALLED,
    STARTED,
    UP,
    UP_B,
    UP_ELSEWHERE,
    WATCHING,
    WATCHING_B,
    A,
    B,
    counting,
    from_fault,
    jobs,
    same,
    then,
)
from tests.support.promtool import firing, needs_promtool, rules, try_rules

RINGS = {
    "WorkflowServiceDown": [
        {INFO: f"1x{BEFORE - 1} stale", UP: then(1, 0)},
        {INFO: f"1x{BEFORE - 1} stale", UP: f"1x{BEFORE - 1} stale"},
        # The same service elsewhere goes on.
        {INFO: f"1x{BEFORE - 1} stale", INFO_ELSEWHERE: same(1)},
    ],
    "WorkflowReplicaDown": [
        {INFO: same(1), UP: same(1), INFO_B: f"1x{BEFORE - 1} stale", UP_B: then(1, 0)},
    ],
    "WorkflowServiceRestarts": [{INFO: same(1), STARTED: KILLED}],
    "WorkflowMemoryNearLimit": [{INFO: same(1), MEMORY: LEAK}],
    "WorkflowServiceNotReady": [
        {READY: then(1, 0), LIVE: same(1)},
        {READY: then(1, 0), LIVE: same(1), READY_B: then(1, 0), LIVE_B: same(1)},
        {READY: then(1, 0), LIVE: same(1), READY_B: same(1), LIVE_B: same(1), OTHER: same(1)},
        # One replica is blocked, the other one has no engine.
        {READY: then(1, 0), LIVE: then(1, 0), READY_B: then(1, 0), LIVE_B: same(1)},
    ],
    "WorkflowReplicaNotReady": [
        {READY: then(1, 0), LIVE: same(1), READY_B: same(1), LIVE_B: same(1)},
    ],
    "WorkflowServiceStalled": [
        {STALLED: then(0, 1), LIVE: same(1)},
        {LIVE: then(1, 0)},
        {LIVE: then(1, 0), STALLED: then(0, 1)},
    ],
    "WorkflowEverythingFails": [
        {jobs("completed"): counting(4, until=BEFORE), jobs("failed"): from_fault(4)},
        {jobs("completed"): counting(2, until=BEFORE), jobs("failed"): from_fault(2)},
        {jobs("completed"): counting(400, until=BEFORE), jobs("incident"): from_fault(400)},
        {
            jobs("completed"): counting(4, until=BEFORE),
            jobs("failed"): from_fault(4),
            jobs("completed", at=B): counting(400),
            OTHER: same(1),
        },
        # A bad release: replicas of new names, whose counters begin at zero.
        {
            jobs("completed"): f"_x{BEFORE} 0x100",
            jobs("failed"): f"_x{BEFORE} 0+1x100",
            jobs("completed", at=B): f"50x{BEFORE - 1} stale",
        },
    ],
    "WorkflowTasksFail": [
        {
            jobs("completed"): counting(4, until=BEFORE),
            jobs("failed"): from_fault(4),
            jobs("completed", "pay"): counting(4),
        },
        # A fifth of many, for long: this one takes its time.
    ],
    "WorkflowIncidents": [
        {INCIDENTS: f"_x{BEFORE} 1x100"},
        {INCIDENTS: then(1, 2)},
        # Of a process that has begun anew since: the count is the same, the incident is another.
        {
            INCIDENTS: f"1x{BEFORE - 20} stale _x18 1x100",
            STARTED: f"0x{BEFORE - 20} 600x160",
        },
    ],
    "WorkflowWatcherBlind": [
        {WATCHING: then(1, 0), BLIND: then(0, 1)},
    ],
    "WorkflowAlertsLost": [{LOST: then(0, 3)}],
    "WorkflowAlertsLate": [{LATE: RISES}],
    "WorkflowEventsLost": [{DROPPED: f"_x{BEFORE} 2x100"}, {DROPPED: then(0, 1)}],
    "WorkflowOutboxAway": [
        {OUTBOX_UP: then(1, 0)},
        {OUTBOX_UP: then(1, 0), OUTBOX_UP_B: same(1)},
    ],
    "WorkflowOutboxParked": [{PARKED: then(0, 1)}],
    "WorkflowOutboxLate": [{OLDEST: RISES, READY: same(1)}],
}
"""Quiet a moment before the fault, and ringing two minutes after it."""

SLOWLY = [
    # Never seen, and seen in a scrape job of its name.
    ("WorkflowServiceDown", {UP_ELSEWHERE: same(1)}, {"30s": None, "2m": 1}),
    ("WorkflowServiceDown", {UP: same(0)}, {"30s": None, "2m": 1}),
    ("WorkflowReplicaDown", {UP: same(0), UP_B: same(1)}, {"30s": None, "2m": 1}),
    ("WorkflowIncidentsStayOpen", {OPEN: "0 3x400"}, {"50m": None, "70m": 1}),
    # The watch goes over to another replica, and back: still the same incidents.
    (
        "WorkflowIncidentsStayOpen",
        {OPEN: "3x100 stale _x100 3x200", OPEN_B: "_x105 3x90 stale"},
        {"50m": None, "70m": 1},
    ),
    (
        "WorkflowTasksFail",
        {jobs("failed"): "0+3x400", jobs("completed"): "0+7x400"},
        {"1m": None, "15m": 1},
    ),
    (
        "WorkflowWatcherBlind",
        {WATCHING: f"1x{BEFORE} stale", WATCHING_B: "0x200"},
        {"15m": None, "18m": 1},
    ),
]


def test_every_rule_is_tried():
    assert {*RINGS, *(rule for rule, _, _ in SLOWLY)} == set(rules())


@pytest.mark.slow
@needs_promtool
@pytest.mark.parametrize(
    ("rule", "series"), [(rule, each) for rule, several in RINGS.items() for each in several]
)
def test_a_rule_rings_within_two_minutes(tmp_path, rule, series):
    # The fault lies between the last good sample, at 11:45, and the first bad one.
    minutes = {"11m45s": None, "14m": 1}
    expected = [(time, firing(rule), value) for time, value in minutes.items()]
    try_rules(tmp_path, "15s", series, expected)


@pytest.mark.slow
@needs_promtool
@pytest.mark.parametrize(("rule", "series", "times"), SLOWLY)
def test_a_rule_that_waits_rings_in_its_time(tmp_path, rule, series, times):
    expected = [(time, firing(rule), value) for time, value in times.items()]
    try_rules(tmp_path, "15s", series, expected)


ONE_FAULT = {
    "the engine is away": (
        {
            READY: then(1, 0),
            READY_B: then(1, 0),
            LIVE: same(1),
            LIVE_B: same(1),
            INFO: same(1),
            OLDEST: RISES,
            # Who watches is known to the engine.
            WATCHING: then(1, 0),
            BLIND: then(0, 1),
            **{f'workflow_poll_age_seconds{{{A}, type="{t}"}}': RISES for t in "abcd"},
            jobs("unsent"): from_fault(4),
        },
        "WorkflowServiceNotReady",
    ),
    "everything fails": (
        {
            INFO: same(1),
            **{jobs("failed", t): from_fault(4) for t in "abcd"},
            **{jobs("completed", t): counting(4, until=BEFORE) for t in "abcd"},
        },
        "WorkflowEverythingFails",
    ),
    "the only replica is blocked": (
        {INFO: same(1), READY: then(1, 0), LIVE: then(1, 0), STALLED: then(0, 1)},
        "WorkflowServiceStalled",
    ),
    "the only replica is gone": (
        {
            INFO: f"1x{BEFORE - 1} stale",
            UP: then(1, 0),
            READY: f"1x{BEFORE - 1} stale",
            jobs("failed"): f"0+1x{BEFORE - 1} stale",
            jobs("completed"): f"0+8x{BEFORE - 1} stale",
        },
        "WorkflowServiceDown",
    ),
    "the outbox's database is away": (
        {
            INFO: same(1),
            OUTBOX_UP: then(1, 0),
            OUTBOX_UP_B: then(1, 0),
            OLDEST: f"0x{BEFORE - 1} stale",
            PARKED: f"0x{BEFORE - 1} stale",
        },
        "WorkflowOutboxAway",
    ),
    "a channel takes nothing": (
        {INFO: same(1), LATE: RISES, LOST: then(0, 1)},
        "WorkflowAlertsLost",
    ),
}


@pytest.mark.slow
@needs_promtool
@pytest.mark.parametrize("what", ONE_FAULT)
def test_one_fault_is_one_alert(tmp_path, what):
    series, rule = ONE_FAULT[what]
    expected = [("14m", firing(rule), 1), ("14m", firing(), 1), ("17m", firing(), 1)]
    try_rules(tmp_path, "15s", series, expected)


@pytest.mark.slow
@needs_promtool
def test_parked_events_are_not_over_because_the_database_is_away(tmp_path):
    series = {PARKED: f"0x{BEFORE - 1} 1x8 stale", OUTBOX_UP: f"1x{BEFORE + 8} 0x40"}
    rule = "WorkflowOutboxParked"
    try_rules(tmp_path, "15s", series, [("14m", firing(rule), 1), ("20m", firing(rule), 1)])


@pytest.mark.slow
@needs_promtool
@pytest.mark.parametrize(("interval", "before", "known"), [("30s", 24, "14m"), ("60s", 12, "16m")])
def test_failures_ring_with_fewer_scrapes_too(tmp_path, interval, before, known):
    series = {
        INFO: same(1),
        jobs("failed"): f"0x{before - 1} 1+2x60",
        jobs("completed"): f"0+2x{before - 1} {2 * before - 2}x60",
    }
    rule = "WorkflowEverythingFails"
    try_rules(tmp_path, interval, series, [("11m45s", firing(), None), (known, firing(rule), 1)])
