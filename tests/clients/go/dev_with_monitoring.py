"""``workflow dev`` with the one page of a broker's monitoring that the Go client's tests ask for.

They start instances only once ``/actuator/jobstreams/remote`` lists their job stream. The page is
on a free port of loopback; the first line on stderr says which.
"""

import json
import sys
import threading
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime.cli import main

_open = []
"""The requests of the job streams that are open now."""
_stream_jobs = EmbeddedGateway.stream_jobs


async def _noted(gateway, request):
    """The gateway's own stream, listed from the moment that it waits for jobs."""
    _open.append(request)
    try:
        async with aclosing(_stream_jobs(gateway, request)) as jobs:
            async for job in jobs:
                yield job
    finally:
        _open.remove(request)


class _Monitoring(BaseHTTPRequestHandler):
    def do_GET(self):
        streams = [{"jobType": r.job_type, "metadata": {"worker": r.worker}} for r in _open]
        found = self.path == "/actuator/jobstreams/remote"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps(streams).encode() if found else b"")

    def log_message(self, *_):
        """Says nothing: the output is the engine's."""


if __name__ == "__main__":
    EmbeddedGateway.stream_jobs = _noted
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Monitoring)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stderr.write(f"monitoring at 127.0.0.1:{server.server_port}\n")
    sys.stderr.flush()
    main()
