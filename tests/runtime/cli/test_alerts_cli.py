"""``workflow alerts test``: which channels would tell people, and why the others would not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from workflow_runtime.cli.alerts import app


class Hook(BaseHTTPRequestHandler):
    seen, released = [], threading.Event()

    def do_POST(self):
        length = int(self.headers["content-length"])
        self.seen.append((self.path, json.loads(self.rfile.read(length))["title"]))
        if self.path == "/hang":
            self.released.wait(60)
        self.send_response(int(self.path[1:]) if self.path[1:].isdigit() else 200)
        self.end_headers()

    def log_message(self, *_words):
        """Says nothing."""


@pytest.fixture
def hook():
    Hook.seen, Hook.released = [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        Hook.released.set()
        server.shutdown()


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def invoke(*words, urls=""):
        monkeypatch.setenv("WORKFLOW_ALERT_URLS", urls)
        return CliRunner().invoke(app, ["test", *words])

    return invoke


def test_every_channel_is_told_and_named_with_its_time(run, hook):
    result = run(urls=f"json://{hook}/a json://{hook}/b")
    assert result.exit_code == 0
    assert sorted(Hook.seen) == [
        ("/a", "workflow-service: test of alerts"),
        ("/b", "workflow-service: test of alerts"),
    ]
    first, second = result.stdout.splitlines()
    assert first.startswith("ok   apprise json    sent in ")
    assert second.startswith("ok   apprise json 2  sent in ")


@pytest.mark.slow
def test_one_that_fails_says_why_and_holds_up_no_other(run, hook):
    urls = [f"json://{hook}/{path}" for path in ("hang", "500", "401", "ok")]
    result = run("--json", "--timeout", "5", urls=" ".join(urls))
    assert result.exit_code == 1
    hang, error, refused, sent = json.loads(result.stdout)
    assert hang["reason"] == "no answer in 5 s; it may have taken it"
    assert "error=500" in error["reason"]
    assert "error=401" in refused["reason"]
    assert (sent["sent"], sent["reason"]) == (True, "")
    assert "3 of 4 channels did not take the notice" in result.stderr


def test_reasons_hold_nothing_of_what_is_secret_in_a_url(run, unused_tcp_port):
    urls = [
        f"json://anna:hunter2secret@127.0.0.1:{unused_tcp_port}/tokenInPath?:key=queryToken",
        "hunter2://hunter2secret",
    ]
    for url in urls:
        result = run(urls=url)
        shown = result.stdout + result.stderr
        assert result.exit_code == 1
        for secret in ("hunter2secret", "tokenInPath", "queryToken", "anna"):
            assert secret not in shown


SERVICE = """
from workflow_runtime import WorkflowBuilder

def ring(notice):
    print("rang:", notice.title)

def reads_the_incident(notice):
    return notice.alert.element_id

def build():
    return WorkflowBuilder("shop", "http://127.0.0.1:1").with_alerts(ring, reads_the_incident)
"""


def test_the_channels_of_a_service_are_tried_without_an_engine(run, hook, tmp_path):
    (tmp_path / "shop_with_alerts.py").write_text(SERVICE, encoding="utf-8")
    result = run("shop_with_alerts:build", "--json", urls=f"json://{hook}/a")
    assert result.exit_code == 1
    found = json.loads(result.stdout[result.stdout.index("[") :])
    assert [(each["channel"], each["sent"]) for each in found] == [
        ("apprise json", True),
        ("ring", True),
        ("reads_the_incident", False),
    ]
    assert found[2]["reason"].startswith("AttributeError: ")
    assert Hook.seen == [("/a", "shop: test of alerts")]


def test_without_a_channel_the_remedy_is_said(run):
    result = run()
    assert result.exit_code == 2
    assert "Set WORKFLOW_ALERT_URLS to URLs of Apprise" in result.stderr
