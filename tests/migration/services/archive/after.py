"""Archive: blocking handlers of all shapes, registered from a table."""

import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from workflow_runtime import CallNext, WorkflowBuilder, WorkflowTask


class Shelf(BaseHTTPRequestHandler):
    """The other system: its files, by folder."""

    def do_GET(self):
        folder = self.path.strip("/")
        body = json.dumps([f"{folder}-{number}.txt" for number in range(3)]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Archive:
    def __init__(self, url: str):
        self.url = url
        self.session = requests.Session()

    def list_files(self, folder: str, limit: int = 100):
        found = self.session.get(f"{self.url}/{folder}", timeout=5)
        found.raise_for_status()
        return {"files": found.json()[:limit]}

    async def back_up(self, task: WorkflowTask, files: list):
        return {"backups": [f"{task.element_id}/{file}" for file in files]}

    @staticmethod
    def sign(archiveId, index):
        return f"{archiveId}:{len(index)}"


def store_file(store, file, overwrite=False):
    return f"{store}/{file}"


def named(variable):
    """A single value becomes a variable of this name."""

    async def middleware(task: WorkflowTask, call_next: CallNext):
        return {variable: await call_next(task)}

    return middleware


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    archive = Archive(f"http://127.0.0.1:{server.server_port}")

    handlers = {
        "list-files": archive.list_files,
        "back-up-files": archive.back_up,
        "index-files": lambda files: {"index": {file: n for n, file in enumerate(files)}},
    }

    builder = WorkflowBuilder("archive").with_process("process.bpmn")
    for task_type, handler in handlers.items():
        builder.task(task_type)(handler)
    builder.task("store-file", middleware=[named("storedAs")])(functools.partial(store_file, "s3"))
    builder.task("sign-archive", middleware=[named("signature")])(Archive.sign)
    builder.serve()


if __name__ == "__main__":
    main()
