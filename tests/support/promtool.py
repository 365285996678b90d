"""The template's files as a service gets them, and promtool, which tries its rules."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

FOLDER = Path(__file__).parents[2] / "{{cookiecutter.service_name}}" / "monitoring"
SERVICE = "shop"
needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"),
    reason='no promtool: export PATH="$PATH:$(tools/unpacked.sh prometheus)/usr/bin"',
)


def rendered(name, service=SERVICE):
    source = (FOLDER / name).read_text(encoding="utf-8")
    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    return environment.from_string(source).render(cookiecutter={"service_name": service})


def rules():
    (group,) = yaml.safe_load(rendered("alerts.yaml"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def promtool(*arguments, folder=None, given=None):
    command = ["promtool", *map(str, arguments)]
    # Go takes every core it finds, and the tests run beside one another.
    done = subprocess.run(
        command,
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"GOMAXPROCS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def try_rules(folder, interval, series, expected, service=SERVICE):
    """Feeds the rules with series; ``expected``: times, queries, values (None: nothing)."""
    (folder / "alerts.yaml").write_text(rendered("alerts.yaml", service), encoding="utf-8")
    case = {
        "interval": interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": query,
                "eval_time": time,
                "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
            }
            for time, query, value in expected
        ],
    }
    tests = {"rule_files": ["alerts.yaml"], "evaluation_interval": "15s", "tests": [case]}
    (folder / "tests.yaml").write_text(yaml.safe_dump(tests), encoding="utf-8")
    promtool("test", "rules", "tests.yaml", folder=folder)


def firing(alert="", severity=""):
    """A query for how many alerts ring, of one name or of one severity."""
    chosen = {"alertstate": "firing", "alertname": alert, "severity": severity}
    labels = ", ".join(f'{name}="{value}"' for name, value in chosen.items() if value)
    return f"count(ALERTS{{{labels}}})"
