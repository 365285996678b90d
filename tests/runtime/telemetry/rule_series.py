"""Series of a service, in promtool's words: a sample every 15 seconds, so four are a minute."""

from tests.support.promtool import SERVICE

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
