"""Engines of a few lines on a socket of this host: they execute with the output, or answer, as the test gave it."""

from __future__ import annotations

import json
import platform
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingUnixStreamServer

import docker

OUTPUT, ERRORS = 1, 2


def frame(number: int, content: bytes) -> bytes:
    """Return a piece of a stream as the engine sends it: stream number, three zero bytes, length, content."""
    return struct.pack(">BxxxL", number, len(content)) + content


@contextmanager
def engine(folder: Path, *pieces: bytes, ends: bool = True) -> Iterator[docker.DockerClient]:
    """Run an engine whose every exec says these pieces, the first together with the response's head.

    Args:
        folder: where its socket goes.
        pieces: what is sent, in writes of their own.
        ends: whether the process ends then, or stays silent.
    """
    over = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while request := self.rfile.readline():
                length = 0
                while (line := self.rfile.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                self.rfile.read(length)
                if b"/start " in request:
                    head = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                    for piece in (head + b"".join(pieces[:1]), *pieces[1:]):
                        self.wfile.write(piece)
                    if not ends:
                        over.wait(30)
                    return
                body = json.dumps({"Id": "0"}).encode()
                self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n")
                self.wfile.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    with _served(folder, Handler) as host:
        client = docker.DockerClient(base_url=host, version="1.41", timeout=10)
        try:
            yield client
        finally:
            client.close()
            over.set()


WELL = {"/version": (200, '{"ApiVersion": "1.41"}'), "/_ping": (200, "OK")}
"""What an engine says that can be spoken to."""
WELL["/info"] = (200, json.dumps({"Name": platform.node(), "ServerVersion": "20.10.24", "NCPU": 2, "MemTotal": 1}))


@contextmanager
def answering(folder: Path, answers: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """Run an engine that has one answer to each path, else 404; yield its host.

    Args:
        folder: where its socket goes.
        answers: a status and a body, by the end of the path.
    """

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.partition("?")[0]
            found = (answer for end, answer in answers.items() if path.endswith(end))
            status, body = next(found, (404, '{"message": "page not found"}'))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        do_GET = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815 (as http.server wants it)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as http.server has it)
            pass

    with _served(folder, Handler) as host:
        yield host


@contextmanager
def _served(folder: Path, handler: type[BaseRequestHandler]) -> Iterator[str]:
    path = folder / "engine.sock"
    server = ThreadingUnixStreamServer(str(path), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"unix://{path}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
