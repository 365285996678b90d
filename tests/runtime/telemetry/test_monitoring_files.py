"""The template's dashboard and rules ask for metrics that exist, with labels that they have."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from workflow_runtime._worker.health import Health, TypeHealth
from workflow_runtime.telemetry.gauges import HealthGauges
from workflow_runtime.telemetry.metrics import Metrics

FOLDER = Path(__file__).parents[3] / "{{cookiecutter.service_name}}" / "monitoring"
_METRIC = re.compile(r"\b((?:workflow|process)_[a-z_]+)(?:\{([^}]*)\})?")
_BY = re.compile(r"\bby \(([^)]*)\)")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!=|=)")
OF_PROMETHEUS = {"job", "instance", "le"}


def rendered(name):
    source = (FOLDER / name).read_text(encoding="utf-8")
    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    return environment.from_string(source).render(cookiecutter={"service_name": "shop"})


def families():
    """Every metric as it is documented, with its labels; and all its sample names."""
    metrics = Metrics()
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


def test_rules_are_complete():
    for group in yaml.safe_load(rendered("alerts.yaml"))["groups"]:
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert rule["annotations"]["summary"]


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_accepts_the_rules(tmp_path):
    rules = tmp_path / "alerts.yaml"
    rules.write_text(rendered("alerts.yaml"), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", rules], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
