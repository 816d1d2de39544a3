"""A way to an S3 server that can be made to refuse, as stores, networks and permissions do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

Refusal = Callable[[BaseHTTPRequestHandler], tuple[int, str] | None]
"""Looks at a request and returns a status and S3's code for it, or None to let it pass."""


@dataclass
class Gate:
    """The way to the server.

    Attributes:
        url: of the gate.
        refusal: what does not pass.
        answer: what is answered instead of the server, as a document; None to let a request pass.
    """

    url: str = ""
    refusal: Refusal = lambda request: None
    answer: Callable[[BaseHTTPRequestHandler], str | None] = lambda request: None


@contextmanager
def gate(endpoint: str) -> Iterator[Gate]:
    """Open a gate to a server for the time of the block."""
    opened = Gate()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            refused, answered = opened.refusal(self), opened.answer(self)
            if refused or answered:
                status, code = refused or (200, "")
                content = (answered or f"<Error><Code>{code}</Code><Message>no</Message></Error>").encode()
                headers = {"Content-Type": "application/xml", "Content-Length": str(len(content))}
            else:
                answer = requests.request(
                    self.command, endpoint + self.path, headers=dict(self.headers), data=body, timeout=30
                )
                status, content, headers = answer.status_code, answer.content, dict(answer.headers)
                for name in ("Connection", "Transfer-Encoding", "Server", "Date"):
                    headers.pop(name, None)
                headers.setdefault("Content-Length", str(len(content)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 (the base class's names for them)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name for it)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        opened.url = f"http://127.0.0.1:{server.server_port}"
        yield opened
        server.shutdown()
