"""What a broker's exporter sends to `tools/record_stream.py` is what the test kit reads."""

import http.client
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_devkit.testing._environments.record_sources import records_at

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "record_stream.py"


def record(key):
    kind = {"valueType": "JOB", "recordType": "EVENT", "intent": "CREATED"}
    return {**kind, "key": key, "value": {"type": "ä"}}


def bulk(*keys):
    lines = [json.dumps(line) for key in keys for line in ({"index": {}}, record(key))]
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def out(tmp_path):
    path = tmp_path / "records.jsonl"
    path.touch()
    return path


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def line(out, request):
    command = (sys.executable, str(SCRIPT), "0", str(out))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.readline()
        port = int(re.fullmatch(rf"http://127\.0\.0\.1:(\d+) -> {out}\n", said)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        yield connection
        connection.close()
        process.send_signal(request.param)
        assert process.wait(30) == 0


def answered(line, method, path, body=None, **how):
    line.request(method, path, body, **how)
    answer = line.getresponse()
    assert (answer.status, answer.headers["X-Elastic-Product"]) == (200, "Elasticsearch")
    return answer.read()


async def test_each_record_of_a_bulk_request_becomes_a_line_that_the_test_kit_reads(line, out):
    records = records_at(str(out))
    assert json.loads(answered(line, "GET", "/"))["version"]["number"]
    assert answered(line, "HEAD", "/_template/zeebe-record") == b""
    assert json.loads(answered(line, "PUT", "/_index_template/job", b"{}"))["acknowledged"]
    whole = json.loads(answered(line, "POST", "/_bulk", bulk(1, 2)))
    assert [item["index"]["status"] for item in whole["items"]] == [201, 201]
    content = bulk(3, 4)
    parts = iter([content[:7], content[7:]])
    in_chunks = {"encode_chunked": True, "headers": {"Transfer-Encoding": "chunked"}}
    assert len(json.loads(answered(line, "POST", "/_bulk", parts, **in_chunks))["items"]) == 2
    assert json.loads(answered(line, "POST", "/_other", b"{}\n{}\n"))["items"] == []
    found = await records.read()
    records.close()
    assert [(each.intent, each.key, each.value) for each in found] == [
        ("CREATED", key, {"type": "ä"}) for key in (1, 2, 3, 4)
    ]


def test_the_help_says_how_a_broker_is_told():
    done = subprocess.run(
        (sys.executable, str(SCRIPT), "--help"), capture_output=True, text=True, check=True
    )
    assert "ELASTICSEARCH_ARGS_URL=http://127.0.0.1:PORT" in done.stdout


def test_a_file_that_cannot_be_written_ends_it_with_a_sentence(tmp_path):
    command = (sys.executable, str(SCRIPT), "0", str(tmp_path / "no folder" / "x"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"record_stream: port 0, file .*: .*No such file.*\n", done.stderr)
