"""Archive: blocking handlers of all shapes, registered from a table."""

import asyncio
import functools
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from pyzeebe import Job, ZeebeWorker, create_insecure_channel


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

    async def back_up(self, job: Job, files: list):
        return {"backups": [f"{job.element_id}/{file}" for file in files]}

    @staticmethod
    def sign(archiveId, index):
        return f"{archiveId}:{len(index)}"


def store_file(store, file, overwrite=False):
    return f"{store}/{file}"


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    archive = Archive(f"http://127.0.0.1:{server.server_port}")

    handlers = {
        "list-files": archive.list_files,
        "back-up-files": archive.back_up,
        "index-files": lambda files: {"index": {file: n for n, file in enumerate(files)}},
    }

    async def work():
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=8))
        channel = create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"])
        worker = ZeebeWorker(channel, name="archive", request_timeout=20_000)
        for task_type, handler in handlers.items():
            worker.task(task_type=task_type)(handler)
        worker.task("store-file", single_value=True, variable_name="storedAs")(
            functools.partial(store_file, "s3")
        )
        worker.task("sign-archive", single_value=True, variable_name="signature")(Archive.sign)
        await worker.work()

    asyncio.run(work())


if __name__ == "__main__":
    main()
