"""Metrics have a bounded number of series, begin at zero, and vanish where nobody knows them."""

import inspect
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.health import Health, TypeHealth
from workflow_runtime.observers import IncidentAlert, Observer
from workflow_runtime.telemetry.gauges import HealthGauges
from workflow_runtime.telemetry.metrics import Metrics

HOOKS = [name for name in vars(Metrics) if name in vars(Observer) and not name.startswith("_")]
MANY = 500


def job(n):
    return ActivatedJob(
        key=n,
        job_type=f"type-{n}",
        process_id=f"process-{n}",
        definition_key=n,
        definition_version=1,
        instance_key=n,
        element_id=f"element-{n}",
        element_instance_key=n,
        retries=3,
        deadline=0,
        headers={},
        worker="",
        variables={},
    )


def alert(n, process="process"):
    return IncidentAlert(
        service="shop",
        process_id=f"{process}-{n}",
        instance_key=n,
        element_id=f"element-{n}",
        job_key=n,
        job_type=f"type-{n}",
        message="",
        attempts=(),
        retries=0,
        at=datetime.now(UTC),
        error_type=f"ERROR_{n}",
    )


def argument(name, annotation, n):
    """Something for a parameter of a hook, other than for any other ``n``."""
    made = {
        "ActivatedJob": lambda: job(n),
        "IncidentAlert": lambda: alert(n),
        "Mapping[str, int]": lambda: {f"process-{n}": 1},
        "str": lambda: f"{name}-{n}",
        "int": lambda: n,
        "float": lambda: float(n),
    }
    return made[annotation]()


def flood(metrics):
    for hook in HOOKS:
        # Those that make gauges vanish: there is nothing to count behind them.
        if parameters := list(inspect.signature(getattr(Observer, hook)).parameters.values())[1:]:
            for n in range(MANY):
                getattr(metrics, hook)(*(argument(p.name, p.annotation, n) for p in parameters))


def samples(metrics):
    found = defaultdict(list)
    for family in metrics.registry.collect():
        for sample in family.samples:
            found[family.name].append(sample)
    return found


def values(metrics):
    return {(s.name, *s.labels.values()): s.value for ss in samples(metrics).values() for s in ss}


def test_whatever_is_told_no_metric_has_series_without_end():
    metrics = Metrics("shop")
    types = {f"type-{n}": TypeHealth(1.0, "", 1, 2.0) for n in range(MANY)}
    metrics.registry.register(HealthGauges(lambda: Health(True, True, types)))
    flood(metrics)
    for name, found in samples(metrics).items():
        own = [s.labels for s in found if s.name.startswith("workflow_")]
        # Not those of ours: our own words, of a version or of the buckets of a histogram.
        kinds = {label for labels in own for label in labels} - {"le", "version", "service_name"}
        for label in kinds:
            assert len({labels[label] for labels in own if label in labels}) <= 201, name
        if kinds and name != "workflow_outbox_events":
            assert any("other" in labels.values() for labels in own), f"{name} was not flooded"
        assert len({tuple(s.labels.values()) for s in found if "le" not in s.labels}) < 1100, name


def test_types_above_the_limit_are_one_figure():
    types = {f"type-{n}": TypeHealth(float(n), "", 1, 0.0) for n in range(203)}
    metrics = Metrics()
    metrics.registry.register(HealthGauges(lambda: Health(True, True, types)))
    found = values(metrics)
    assert found["workflow_jobs_in_flight", "other"] == 3
    assert found["workflow_poll_age_seconds", "other"] == 202


def test_places_of_incidents_are_bounded_together_and_what_is_known_goes_on():
    metrics = Metrics()
    for n in range(300):
        metrics.incident_found(alert(n))
    metrics.incident_raised(alert(0))
    found = values(metrics)
    assert found["workflow_incidents_total", "process-0", "element-0", "ERROR_0"] == 2
    assert found["workflow_incidents_total", "other", "other", "other"] == 100


def test_an_outcome_is_still_told_where_the_name_is_one_too_many():
    metrics = Metrics()
    for n in range(300):
        metrics.event_published(f"event-{n}", "published")
    metrics.event_published("event-299", "dropped")
    assert values(metrics)["workflow_events_total", "other", "dropped"] == 1


def test_counters_of_what_is_known_begin_at_zero():
    found = values(Metrics("shop", job_types=["pay"], channels=["pager"]))
    for outcome in ("completed", "failed", "incident", "bpmn_error", "handed_back", "gone"):
        assert found["workflow_jobs_total", "pay", outcome] == 0
    assert found["workflow_jobs_activated_total", "pay"] == 0
    assert found["workflow_polls_total", "pay", "OK"] == 0
    assert {
        found["workflow_alerts_total", "pager", end] for end in ("sent", "delayed", "lost")
    } == {0}
    assert found["workflow_alert_delay_seconds_count", "pager"] == 0


def test_the_first_event_that_is_lost_has_a_zero_before_it_if_any_was_sent():
    metrics = Metrics()
    metrics.event_published("paid", "published")
    assert values(metrics)["workflow_events_total", "paid", "dropped"] == 0


def test_a_service_says_who_it_is_and_of_which_version():
    (name,) = [key for key in values(Metrics("shop")) if key[0] == "workflow_runtime_info"]
    assert name[1] == "shop"
    assert name[2]


def test_incidents_that_the_watcher_finds_are_counted():
    metrics = Metrics()
    metrics.incident_found(alert(1))
    assert values(metrics)["workflow_incidents_total", "process-1", "element-1", "ERROR_1"] == 1


def test_open_incidents_are_absent_while_nobody_counts_them():
    metrics = Metrics()
    metrics.incidents_open({"order": 2})
    metrics.incidents_open({})
    assert values(metrics)["workflow_incidents_open", "order"] == 0
    metrics.incidents_unwatched()
    assert not samples(metrics)["workflow_incidents_open"]
    metrics.incidents_open({"order": 3})
    assert values(metrics)["workflow_incidents_open", "order"] == 3


def test_the_watcher_is_in_one_state_and_absent_where_there_is_none():
    metrics = Metrics()
    assert not samples(metrics)["workflow_watcher_state"]
    metrics.watcher_state("watching")
    metrics.watcher_state("blind")
    found = values(metrics)
    states = {state: found["workflow_watcher_state", state] for state in ("watching", "standby")}
    assert states == {"watching": 0, "standby": 0}
    assert found["workflow_watcher_state", "blind"] == 1


GAUGES_OF_THE_OUTBOX = ("workflow_outbox_events", "workflow_outbox_oldest_seconds")


def test_the_outbox_is_absent_without_one_and_its_figures_while_its_database_is_away():
    metrics = Metrics()
    found = samples(metrics)
    assert not any(found[name] for name in (*GAUGES_OF_THE_OUTBOX, "workflow_outbox_up"))
    metrics.outbox_state(3, 1, 7.0)
    found = values(metrics)
    assert found["workflow_outbox_up",] == 1
    assert found["workflow_outbox_events", "parked"] == 1
    metrics.outbox_away()
    assert values(metrics)["workflow_outbox_up",] == 0
    assert not any(samples(metrics)[name] for name in GAUGES_OF_THE_OUTBOX)
    metrics.outbox_state(0, 0, 0.0)
    assert values(metrics)["workflow_outbox_oldest_seconds",] == 0


@pytest.mark.parametrize("outcome", ["sent", "delayed", "lost"])
def test_alerts_are_counted_with_their_delay(outcome):
    metrics = Metrics(channels=["pager"])
    metrics.alert_ended("pager", outcome, 20.0)
    found = values(metrics)
    assert found["workflow_alerts_total", "pager", outcome] == 1
    assert found["workflow_alert_delay_seconds_sum", "pager"] == 20
