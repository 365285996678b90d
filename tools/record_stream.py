"""Takes the place of Elasticsearch for a Zeebe that runs without one: its records in a file.

The broker's ElasticsearchExporter sends its bulk requests here; each record becomes one line of
JSON in the file, which ``ZEEBE_RECORDS`` can name. Tell the broker:

  ZEEBE_BROKER_EXPORTERS_ELASTICSEARCH_CLASSNAME=io.camunda.zeebe.exporter.ElasticsearchExporter
  ZEEBE_BROKER_EXPORTERS_ELASTICSEARCH_ARGS_URL=http://127.0.0.1:PORT
  ZEEBE_BROKER_EXPORTERS_ELASTICSEARCH_ARGS_BULK_SIZE=1
  ZEEBE_BROKER_EXPORTERS_ELASTICSEARCH_ARGS_BULK_DELAY=1
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class RecordStream(ThreadingHTTPServer):
    """Listens on a loopback port (0: any free one) and appends to a file."""

    def __init__(self, port: int, out: Path) -> None:
        self._out = out
        self._lock = threading.Lock()
        out.touch()
        super().__init__(("127.0.0.1", port), _Handler)

    def append(self, documents: list[bytes]) -> None:
        """Writes records, one a line."""
        with self._lock, self._out.open("ab") as file:
            file.writelines(document + b"\n" for document in documents)


class _Handler(BaseHTTPRequestHandler):
    server: RecordStream
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # without, each request takes 40 ms
    wbufsize = -1

    def do_GET(self) -> None:
        """Says that it is an Elasticsearch."""
        self._answer({"version": {"number": "8.12.0"}, "tagline": "You Know, for Search"})

    def do_HEAD(self) -> None:
        """Is there."""
        self._answer({})

    def do_PUT(self) -> None:
        """Templates, settings: nothing to keep."""
        self._body()
        self._answer({"acknowledged": True})

    def do_POST(self) -> None:
        """A bulk request: a line for what to do, a line with the record, and so on."""
        lines = self._body().splitlines()
        documents = lines[1::2] if self.path.startswith("/_bulk") else []
        self.server.append(documents)
        items = [{"index": {"status": 201}} for _ in documents]
        self._answer({"errors": False, "took": 1, "items": items})

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return b"".join(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        # The exporter sends its bulk requests in chunks.
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Says nothing: there is a request for every record."""


def main(arguments: list[str] | None = None) -> None:
    """Runs until Ctrl+C; a port or file that cannot be had ends it with one sentence."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int, help="where to listen, on 127.0.0.1; 0 takes a free port")
    parser.add_argument("out", type=Path, help="the file that records are appended to")
    given = parser.parse_args(arguments)
    try:
        stream = RecordStream(given.port, given.out)
    except (OSError, OverflowError) as error:
        sys.exit(f"record_stream: port {given.port}, file {given.out}: {error}")
    for number in (signal.SIGINT, signal.SIGTERM):
        # Said explicitly: a shell lets what it starts in the background ignore Ctrl+C.
        signal.signal(number, signal.default_int_handler)
    with stream, contextlib.suppress(KeyboardInterrupt):
        print(f"http://127.0.0.1:{stream.server_port} -> {given.out}", flush=True)
        stream.serve_forever()


if __name__ == "__main__":
    main()
