"""No rule rings for what is none of its faults, and nobody is woken by what passes."""

import pytest
from tests.runtime.telemetry.rule_series import (
    BEATS,
    BEFORE,
    BLIND,
    DROPPED,
    INCIDENTS,
    INFO,
    INFO_B,
    KILLED,
    LATE,
    LIVE,
    LIVE_B,
    LOST,
    OLDEST,
    OPEN_B,
    OTHER,
    OUTBOX_UP,
    OUTBOX_UP_B,
    PARKED,
    READY,
    READY_B,
    STALLED,
    STARTED,
    UP,
    UP_AND_READY,
    UP_B,
    WATCHING,
    WATCHING_B,
    B,
    counting,
    for_a_while,
    from_fault,
    gap,
    jobs,
    same,
    then,
)
from tests.support.promtool import firing, needs_promtool, try_rules

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


@pytest.mark.slow
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


@pytest.mark.slow
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
