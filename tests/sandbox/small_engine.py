"""An engine of a few lines on a socket of this host: whatever is executed has the output that the test gave it."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer

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

    path = folder / "engine.sock"
    server = ThreadingUnixStreamServer(str(path), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    client = docker.DockerClient(base_url=f"unix://{path}", version="1.41", timeout=10)
    try:
        yield client
    finally:
        client.close()
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
