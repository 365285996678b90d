"""Each rule of the template rings within two minutes of its fault, and is quiet otherwise.

Samples are 15 seconds apart, so that four are a minute; faults begin at 12 minutes. What a service
really exposes in such faults is in `test_recorded_faults.py`.
"""

import pytest
from tests.support.promtool import SERVICE, firing, needs_promtool, rules, try_rules

BEFORE = 48
"""Samples before the fault: twelve minutes; rules look ten minutes back."""
A = f'job="{SERVICE}", instance="a"'
B = f'job="{SERVICE}", instance="b"'
INFO = f'workflow_runtime_info{{{A}, service_name="{SERVICE}", version="1"}}'
INFO_B = f'workflow_runtime_info{{{B}, service_name="{SERVICE}", version="1"}}'
INFO_ELSEWHERE = INFO.replace(f'job="{SERVICE}"', 'job="elsewhere"')
UP_ELSEWHERE = 'up{job="elsewhere", instance="a"}'
OTHER = f'workflow_runtime_info{{{B}, service_name="other", version="1"}}'
"""Another service in the same scrape job, as that of all pods."""
UP, UP_B = f"up{{{A}}}", f"up{{{B}}}"
STARTED = f"process_start_time_seconds{{{A}}}"
MEMORY = f"process_resident_memory_bytes{{{A}}}"
READY, READY_B = f"workflow_ready{{{A}}}", f"workflow_ready{{{B}}}"
LIVE, LIVE_B = f"workflow_live{{{A}}}", f"workflow_live{{{B}}}"
STALLED = f"workflow_handlers_stalled{{{A}}}"
INCIDENTS = f'workflow_incidents_total{{{A}, process_id="order", element_id="pay"}}'
OPEN, OPEN_B = (f'workflow_incidents_open{{{each}, process_id="order"}}' for each in (A, B))
WATCHING, WATCHING_B = (f'workflow_watcher_state{{{e}, state="watching"}}' for e in (A, B))
BLIND = f'workflow_watcher_state{{{A}, state="blind"}}'
LOST = f'workflow_alerts_total{{{A}, channel="pager", outcome="lost"}}'
LATE = f'workflow_alerts_oldest_seconds{{{A}, channel="pager"}}'
DROPPED = f'workflow_events_total{{{A}, event="paid", outcome="dropped"}}'
OUTBOX_UP, OUTBOX_UP_B = f"workflow_outbox_up{{{A}}}", f"workflow_outbox_up{{{B}}}"
PARKED = f'workflow_outbox_events{{{A}, state="parked"}}'
OLDEST = f"workflow_outbox_oldest_seconds{{{A}}}"


def jobs(outcome, job_type="mail", at=A):
    return f'workflow_jobs_total{{{at}, type="{job_type}", outcome="{outcome}"}}'


def same(value):
    return f"{value}x200"


def then(before, after):
    """One value for ten minutes, another one from the fault on."""
    return f"{before}x{BEFORE - 1} {after}x160"


def for_a_while(before, meanwhile, samples, after=None):
    after = before if after is None else after
    return f"{before}x{BEFORE - 1} {meanwhile}x{samples - 1} {after}x120"


def gap(value, samples):
    """A target that fails so many scrapes: its series are stale meanwhile."""
    return f"{value}x{BEFORE - 1} stale _x{samples - 2} {value}x120"


def counting(per_minute, *, until=200, start=0):
    """A counter that grows; every fifteen seconds at most once, from zero."""
    values = [str(start + n * per_minute // 4) for n in range(until)]
    return " ".join([*values, *[values[-1]] * (200 - until)])


def from_fault(per_minute, samples=160):
    values = [n * per_minute // 4 + 1 for n in range(samples)]
    return " ".join(["0"] * BEFORE + [str(v) for v in values] + [str(values[-1])] * (160 - samples))


UP_AND_READY = {READY: same(1), LIVE: same(1), UP: same(1), INFO: same(1)}
BEATS = {STARTED: same(-1000)}
KILLED = " ".join(["1000"] * BEFORE + ["1"] * 2 + ["2"] * 2 + ["3"] * 100)
LEAK = " ".join(["90000000"] * BEFORE + ["240000000"] * 100)
RISES = " ".join(["0"] * BEFORE + [str(15 * n) for n in range(100)])

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

QUIET = {
    "scrapes that fail": (
        {
            **{name: gap(1, 2) for name in (INFO, READY, LIVE, OUTBOX_UP, WATCHING)},
            UP: for_a_while(1, 0, 2),
            STARTED: gap(-1000, 2),
            INCIDENTS: gap(5, 2),
            DROPPED: gap(5, 2),
            LOST: gap(5, 2),
            PARKED: gap(0, 2),
            jobs("completed"): f"0+1x{BEFORE - 1} stale _x1 50+1x100",
            jobs("failed"): f"0+0.1x{BEFORE - 1} stale _x1 5+0.1x100",
        }
    ),
    "no scrapes of a replica for seven minutes": (
        {
            **dict.fromkeys((INFO, READY, LIVE, UP), f"1x{BEFORE - 1} _x28 1x100"),
            INFO_B: same(1),
            INCIDENTS: f"5x{BEFORE - 1} _x28 5x100",
            DROPPED: f"5x{BEFORE - 1} _x28 5x100",
            LOST: f"5x{BEFORE - 1} _x28 5x100",
            jobs("completed"): f"0+1x{BEFORE - 1} _x28 76+1x100",
            jobs("failed"): f"0+0.1x{BEFORE - 1} _x28 8+0.1x100",
        }
    ),
    "a rolling deployment on fixed addresses": (
        {
            INFO: gap(1, 2),
            UP: for_a_while(1, 0, 2),
            READY: f"1x{BEFORE - 3} 0 0 stale _x1 0 1x100",
            LIVE: gap(1, 2),
            STARTED: f"-1000x{BEFORE - 1} stale _x1 720x100",
            jobs("completed"): f"0+1x{BEFORE - 1} stale _x1 0+1x100",
            jobs("failed"): f"0+0.1x{BEFORE - 1} stale _x1 0+0.1x100",
            INFO_B: f"1x{BEFORE + 3} stale _x1 1x100",
            UP_B: f"1x{BEFORE + 3} 0 0 1x100",
            READY_B: f"1x{BEFORE + 1} 0 0 stale _x1 0 1x100",
            LIVE_B: f"1x{BEFORE + 3} stale _x1 1x100",
            f"process_start_time_seconds{{{B}}}": f"-1000x{BEFORE + 3} stale _x1 780x100",
            # The lease of the one that watched runs out.
            WATCHING: f"1x{BEFORE - 1} stale _x1 0x5 1x100",
            WATCHING_B: f"0x{BEFORE + 3} stale _x1 0x100",
        }
    ),
    "a rolling deployment of pods": (
        {
            INFO: f"1x{BEFORE + 6} stale",
            UP: f"1x{BEFORE + 6} 0 stale",
            READY: f"1x{BEFORE + 4} 0 0 stale",
            LIVE: f"1x{BEFORE + 6} stale",
            UP_B: f"_x{BEFORE} 0 0 0 1x100",
            INFO_B: f"_x{BEFORE + 3} 1x100",
            READY_B: f"_x{BEFORE + 3} 0 1x100",
            LIVE_B: f"_x{BEFORE + 3} 1x100",
            jobs("completed"): f"0+1x{BEFORE + 6} stale",
            jobs("completed", at=B): f"_x{BEFORE + 3} 0+1x100",
            jobs("failed"): f"0+0.2x{BEFORE + 6} stale",
            jobs("failed", at=B): f"_x{BEFORE + 3} 0+0.2x100",
            WATCHING: f"1x{BEFORE + 6} stale",
            WATCHING_B: f"_x{BEFORE + 3} 0x9 1x100",
        }
    ),
    "the engine restarts": (
        {READY: for_a_while(1, 0, 3), LIVE: same(1), OLDEST: for_a_while(0, 40, 3)}
    ),
    "one job that fails, and succeeds at its third attempt": (
        {
            jobs("failed"): f"0x{BEFORE - 1} 1 2x100",
            jobs("completed"): f"5x{BEFORE + 1} 6x100",
        }
    ),
    "one job that fails three times and is an incident of its own": (
        {jobs("failed"): then(0, 2), jobs("incident"): then(0, 1), jobs("completed"): same(5)}
    ),
    "a tenth of all attempts fails": ({jobs("failed"): "0+1x200", jobs("completed"): "0+9x200"}),
    "nothing at all happens": (
        {**UP_AND_READY, **BEATS, jobs("failed"): same(3), jobs("completed"): same(9)}
    ),
    "a service without outbox, Operate and channels": ({**UP_AND_READY, **BEATS}),
    "another service in the same scrape job has every fault": {
        **UP_AND_READY,
        **BEATS,
        OTHER: f"1x{BEFORE + 8} stale",
        UP_B: f"1x{BEFORE + 8} 0x100",
        READY_B: f"1x{BEFORE - 1} 0x8 stale",
        LIVE_B: f"1x{BEFORE - 1} 0x8 stale",
        jobs("failed", at=B): counting(40, until=BEFORE + 8),
        f'workflow_incidents_total{{{B}, process_id="b", element_id="b"}}': f"_x{BEFORE} 7x8 stale",
        f'workflow_events_total{{{B}, event="b", outcome="dropped"}}': f"_x{BEFORE} 7x8 stale",
        f'workflow_alerts_total{{{B}, channel="b", outcome="lost"}}': f"0x{BEFORE} 7x8 stale",
        OPEN_B: f"9x{BEFORE + 8} stale",
        OUTBOX_UP_B: f"0x{BEFORE + 8} stale",
        f"process_resident_memory_bytes{{{B}}}": f"900000000x{BEFORE + 8} stale",
    },
    "another program with much memory and restarts": (
        {
            INFO: same(1),
            'process_resident_memory_bytes{job="db", instance="c"}': same(9000000000),
            'process_start_time_seconds{job="db", instance="c"}': KILLED,
            'up{job="db", instance="c"}': then(1, 0),
        }
    ),
    "one look at Operate that fails": (
        {WATCHING: for_a_while(1, 0, 2), BLIND: for_a_while(0, 1, 2)}
    ),
    "one replica does not see Operate, the other one watches": (
        {BLIND: then(0, 1), WATCHING: same(0), WATCHING_B: same(1)}
    ),
    "an alert that is sent at its second attempt": ({LATE: for_a_while(0, 10, 2), LOST: same(0)}),
    "the loop stands still for some seconds": ({STALLED: for_a_while(0, 1, 1), LIVE: same(1)}),
}


def test_every_rule_is_tried():
    assert {*RINGS, *(rule for rule, _, _ in SLOWLY)} == set(rules())


@needs_promtool
@pytest.mark.parametrize(
    ("rule", "series"), [(rule, each) for rule, several in RINGS.items() for each in several]
)
def test_a_rule_rings_within_two_minutes(tmp_path, rule, series):
    # The fault lies between the last good sample, at 11:45, and the first bad one.
    minutes = {"11m45s": None, "14m": 1}
    expected = [(time, firing(rule), value) for time, value in minutes.items()]
    try_rules(tmp_path, "15s", series, expected)


@needs_promtool
@pytest.mark.parametrize(("rule", "series", "times"), SLOWLY)
def test_a_rule_that_waits_rings_in_its_time(tmp_path, rule, series, times):
    expected = [(time, firing(rule), value) for time, value in times.items()]
    try_rules(tmp_path, "15s", series, expected)


@needs_promtool
@pytest.mark.parametrize("what", QUIET)
def test_no_rule_rings_for(tmp_path, what):
    series = QUIET[what]
    if not any(name in series for name in (INFO, INFO_B)):
        series = series | {INFO: same(1)}
    expected = [(f"{seconds}s", firing(), None) for seconds in range(720, 1900, 15)]
    try_rules(tmp_path, "15s", series, expected)


MAIL_IS_AWAY = {
    **UP_AND_READY,
    jobs("completed"): counting(4, until=BEFORE),
    jobs("failed"): from_fault(8, samples=36),
}


@needs_promtool
@pytest.mark.parametrize("others", [{}, {jobs("completed", "pay"): counting(4)}])
def test_nine_minutes_without_mails_wake_nobody_and_are_told_while_they_last(tmp_path, others):
    back = counting(4, until=BEFORE).split(" ")
    back[84:] = [str(int(back[BEFORE]) + n) for n in range(116)]
    series = MAIL_IS_AWAY | {jobs("completed"): " ".join(back)} | others
    told = "WorkflowTasksFail" if others else "WorkflowEverythingFails"
    expected = [
        *((f"{seconds}s", firing(severity="critical"), None) for seconds in range(0, 3000, 15)),
        ("11m45s", firing(), None),
        ("14m", firing(told), 1),
        ("14m", firing(), 1),
        ("20m", firing(told), 1),
        # What is over is not told any more.
        ("23m", firing(), None),
    ]
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


@needs_promtool
@pytest.mark.parametrize("what", ONE_FAULT)
def test_one_fault_is_one_alert(tmp_path, what):
    series, rule = ONE_FAULT[what]
    expected = [("14m", firing(rule), 1), ("14m", firing(), 1), ("17m", firing(), 1)]
    try_rules(tmp_path, "15s", series, expected)


@needs_promtool
def test_parked_events_are_not_over_because_the_database_is_away(tmp_path):
    series = {PARKED: f"0x{BEFORE - 1} 1x8 stale", OUTBOX_UP: f"1x{BEFORE + 8} 0x40"}
    rule = "WorkflowOutboxParked"
    try_rules(tmp_path, "15s", series, [("14m", firing(rule), 1), ("20m", firing(rule), 1)])
