"""The place of Elasticsearch: takes the exporter's bulk requests, writes one record a line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class RecordSink:
    """Listens on a free loopback port."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.touch()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(path))
        self.port = self._server.server_address[1]

    def start(self) -> None:
        """Begins to take records."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


def _handler(path: Path) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - five short methods
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # without, each request takes 40 ms
        wbufsize = -1

        def do_GET(self) -> None:
            self._answer({"version": {"number": "8.12.0"}, "tagline": "You Know, for Search"})

        def do_HEAD(self) -> None:
            self._answer({})

        def do_PUT(self) -> None:
            self._body()
            self._answer({"acknowledged": True})

        def do_POST(self) -> None:
            lines = self._body().splitlines()
            documents = lines[1::2] if self.path.startswith("/_bulk") else []
            with lock, path.open("ab") as file:
                for document in documents:
                    file.write(document + b"\n")
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

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            pass

    return Handler
