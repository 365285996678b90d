"""The template's dashboard and rules ask for metrics that exist, with labels that they have."""

import json
import re

import pytest
import yaml
from prometheus_client import generate_latest
from tests.support.promtool import FOLDER, needs_promtool, promtool, rendered, rules

from workflow_runtime.health import Health, TypeHealth
from workflow_runtime.telemetry.gauges import HealthGauges
from workflow_runtime.telemetry.metrics import Metrics

_METRIC = re.compile(r"\b((?:workflow|process)_[a-z_]+)(?:\{([^}]*)\})?")
_BY = re.compile(r"\bby \(([^)]*)\)")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!=|=)")
OF_PROMETHEUS = {"job", "instance", "le"}


def families():
    """Every metric as it is documented, with its labels; and all its sample names."""
    metrics = Metrics("shop", job_types=["t"], channels=["pager"])
    health = Health(True, True, {"t": TypeHealth(1.0, "", 1)})
    metrics.registry.register(HealthGauges(lambda: health))
    for collector in list(metrics.registry._collector_to_names):
        for family in collector.collect():
            labels = set(getattr(collector, "_labelnames", ())) or {
                name for sample in family.samples for name in sample.labels
            }
            counter = "_total" if family.type == "counter" else ""
            yield family.name, family.name + counter, labels


def known():
    """Every sample name with its labels."""
    return {
        name + ending: labels | OF_PROMETHEUS
        for name, _, labels in families()
        for ending in ("", "_total", "_bucket", "_count", "_sum")
    }


def expressions():
    dashboard = json.loads(rendered("grafana.json"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in yaml.safe_load(rendered("alerts.yaml"))["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


@pytest.mark.parametrize("expression", expressions())
def test_every_expression_asks_for_metrics_and_labels_that_exist(expression):
    metrics, labels = known(), set()
    for name, selector in _METRIC.findall(_BY.sub("", expression)):
        assert name in metrics
        assert set(_LABEL.findall(selector)) <= metrics[name]
        labels |= metrics[name]
    assert labels
    for group in _BY.findall(expression):
        assert {label.strip() for label in group.split(",")} <= labels


def test_the_reference_lists_every_metric_with_its_labels():
    page = FOLDER.parents[1] / "docs" / "reference" / "metrics.md"
    rows = [line.split("|")[1:3] for line in page.read_text(encoding="utf-8").splitlines()[7:]]
    documented = {
        name: set(re.findall(r"`(\w+)`", labels))
        for names, labels in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    exposed = {name: labels for _, name, labels in families() if name.startswith("workflow_")}
    assert documented == exposed


def test_panels_do_not_overlap_and_have_ids_of_their_own():
    panels = json.loads(rendered("grafana.json"))["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_page_for_people_on_call_says_what_each_rule_means():
    page = (FOLDER.parents[1] / "docs" / "how-to" / "on-call.md").read_text(encoding="utf-8")
    (group,) = yaml.safe_load(rendered("alerts.yaml"))["groups"]
    explained = re.findall(r"^\| `(Workflow\w+)` \|", page, re.MULTILINE)
    assert explained == [rule["alert"] for rule in group["rules"]]


def test_the_rule_about_memory_knows_the_limit_of_the_deployment():
    deployment = (FOLDER.parent / "k8s" / "deployment.yaml").read_text(encoding="utf-8")
    (limit,) = re.findall(r"limits: \{memory: (\d+)Mi\}", deployment)
    assert f"* {limit} * 2^20" in rules()["WorkflowMemoryNearLimit"]["expr"]


def test_no_panel_shows_zero_for_what_nobody_knows():
    panels = {panel["title"]: panel for panel in json.loads(rendered("grafana.json"))["panels"]}
    for title in ("Operate", "Open incidents"):
        assert panels[title]["fieldConfig"]["defaults"]["noValue"] == "not watched"
    assert not any("vector(0)" in expression for expression in expressions())


def test_rules_are_complete():
    for group in yaml.safe_load(rendered("alerts.yaml"))["groups"]:
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert rule["annotations"]["summary"]


@needs_promtool
def test_promtool_accepts_the_rules(tmp_path):
    rules = tmp_path / "alerts.yaml"
    rules.write_text(rendered("alerts.yaml"), encoding="utf-8")
    promtool("check", "rules", rules)


@needs_promtool
def test_promtool_accepts_every_query_of_the_dashboard(tmp_path):
    queries = [
        target["expr"].replace("$job", ".*").replace("$__rate_interval", "5m")
        for panel in json.loads(rendered("grafana.json"))["panels"]
        for target in panel["targets"]
    ]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
    promtool("check", "rules", file)


@needs_promtool
def test_promtool_accepts_what_a_service_exposes():
    metrics = Metrics()
    metrics.registry.register(HealthGauges(lambda: Health(True, True)))
    metrics.event_published("paid", "published")
    metrics.poll_ok("order_pay")
    promtool("check", "metrics", given=generate_latest(metrics.registry).decode())
