"""A broker's records as tests read them: from a file, or from the stand's Elasticsearch."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workflow_devkit.testing._environments.record_sources import records_at

OPTIONS = [
    option
    for setting in ("asyncio_mode=auto", "asyncio_default_fixture_loop_scope=function")
    for option in ("-o", setting)
]


class SearchIndices:
    """Answers as Elasticsearch does: each index shows its documents after its own refresh."""

    def __init__(self):
        self.indexed = []
        self.visible = []
        self.refreshes = 0
        self.meanwhile = []
        """Documents that the exporter writes while the first index is refreshed already."""

    def refresh(self):
        self.refreshes += 1
        late, self.meanwhile = self.meanwhile, []
        first = [each for each in self.indexed if each["valueType"] == "JOB"]
        self.indexed += late
        self.visible = first + [each for each in self.indexed if each["valueType"] != "JOB"]

    def search(self, body):
        if "aggs" in body:
            size = body["aggs"]["partitions"]["terms"].get("size", 10)  # Elasticsearch's default
            return {"aggregations": {"partitions": {"buckets": self.buckets()[:size]}}}
        (term, span) = body["query"]["bool"]["filter"]
        partition, limits = term["term"]["partitionId"], span["range"]["position"]
        found = [
            each
            for each in self.visible
            if each["partitionId"] == partition and limits["gt"] < each["position"] <= limits["lte"]
        ]
        found.sort(key=lambda each: each["position"])
        return {"hits": {"hits": [{"_source": each} for each in found[: body["size"]]]}}

    def buckets(self):
        ends = {}
        for each in self.visible:
            ends[each["partitionId"]] = max(ends.get(each["partitionId"], 0), each["position"])
        return [{"key": key, "last": {"value": float(end)}} for key, end in ends.items()]


@pytest.fixture
def indices():
    return SearchIndices()


@pytest.fixture
def address(indices):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = {}
            if self.path == "/zeebe-record*/_refresh":
                indices.refresh()
            else:
                assert self.path == "/zeebe-record*/_search"
                answer = indices.search(json.loads(body))
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def record(position, value_type="JOB", partition=1, kind="EVENT"):
    return {
        "position": position,
        "partitionId": partition,
        "valueType": value_type,
        "intent": "CREATED",
        "recordType": kind,
        "key": position,
        "value": {},
    }


async def keys(source):
    return [each.key for each in await source.read()]


async def test_only_what_comes_after_the_opening_is_read_and_only_once(indices, address):
    indices.indexed = [record(1), record(2)]
    source = records_at(address)
    assert await keys(source) == []
    indices.indexed += [record(4), record(3, "VARIABLE"), record(5, kind="REJECTION")]
    assert await keys(source) == [3, 4]
    assert await keys(source) == []


async def test_a_record_that_one_index_shows_later_than_another_is_not_lost(indices, address):
    source = records_at(address)
    # The later of two records can be seen first: its index is refreshed last.
    indices.meanwhile = [record(1, "JOB"), record(2, "VARIABLE")]
    assert await keys(source) == [1, 2]


async def test_more_records_than_one_answer_holds_are_read(indices, address):
    source = records_at(address)
    indices.indexed = [record(position) for position in range(1, 2502)]
    assert await keys(source) == list(range(1, 2502))


async def test_each_partition_counts_for_itself(indices, address):
    indices.indexed = [record(50, partition=1)]
    source = records_at(address)
    indices.indexed += [record(3, partition=2), record(51, partition=1)]
    assert sorted(await keys(source)) == [3, 51]


async def test_every_partition_of_a_large_cluster_is_read(indices, address):
    source = records_at(address)
    indices.indexed = [record(partition, partition=partition) for partition in range(1, 26)]
    assert await keys(source) == list(range(1, 26))


async def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path):
    file = tmp_path / "records.jsonl"
    file.write_text(json.dumps(record(1)) + "\n")
    source = records_at(str(file))
    line = json.dumps(record(2)) + "\n"
    with file.open("a") as out:
        out.write(line[:10])
        out.flush()
        assert await keys(source) == []
        out.write(line[10:])
    assert await keys(source) == [2]
    source.close()


def test_an_address_where_nobody_answers_is_named():
    with pytest.raises(ConnectionError, match=r"http://127\.0\.0\.1:1/zeebe-record\*/_refresh"):
        records_at("http://127.0.0.1:1")


def test_a_broker_without_records_says_what_to_give(pytester):
    pytester.makepyfile(
        """
        from workflow_runtime import WorkflowBuilder

        async def test_it(process_environment):
            process_environment(WorkflowBuilder("s", "embedded://"))
        """
    )
    run = pytester.runpytest("--workflow-address", "http://127.0.0.1:1", *OPTIONS)
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*give --workflow-records*http://127.0.0.1:9200*"])
