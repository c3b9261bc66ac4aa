"""A stand-in for the network: the proxy of the server under test, which has the published files that lie here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vae_core.places import data_folder

FOLDER = "FashionMNIST"  # it is published by plain http, where a proxy can answer for the server
PATIENCE = 60  # seconds that a download waits to be let go on, at most


class Mirror(ThreadingHTTPServer):
    """Answers while `is_up`; of each file the second half is sent when `may_go_on` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("localhost", 0), Answer)
        self.is_up = False
        self.asked: list[str] = []  # whatever was asked of the world
        self.may_go_on = threading.Event()

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process ask here for whatever lies elsewhere."""
        address = f"http://localhost:{self.server_port}"
        return {"http_proxy": address, "https_proxy": address, "no_proxy": "localhost,127.0.0.1"}

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Mirror]:
        with cls() as mirror:
            thread = threading.Thread(target=mirror.serve_forever)
            thread.start()
            yield mirror
            mirror.may_go_on.set()
            mirror.shutdown()
            thread.join()


class Answer(BaseHTTPRequestHandler):
    """A published file, whatever server it is asked of."""

    server: Mirror

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        file = data_folder() / FOLDER / "raw" / self.path.rpartition("/")[2]
        if not self.server.is_up or not file.is_file():
            self.send_error(503)
            return
        content = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        middle = len(content) // 2
        self.wfile.write(content[:middle])
        self.server.may_go_on.wait(PATIENCE)
        self.wfile.write(content[middle:])

    def log_message(self, *_: object) -> None:
        """Nothing is said in the middle of a test's output."""
