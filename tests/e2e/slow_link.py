"""A network between drtool and an engine or a store: not quick, and it can break."""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_CHUNK_BYTES = 256 * 1024


class Link:
    """A TCP port of this host that leads to a socket elsewhere.

    What comes back arrives late and bundled, as over a real network: the head of a response together with what a
    quick process has said already.

    Args:
        target: a path, or a host and a port.
        latency_seconds: how late.
        breaks_after_bytes: the link breaks for good when so many have come back.
        held_up: requests with this in their first line arrive a second late.
        tls: what the port speaks, if not plain TCP.
        path: where it listens on a socket of this host, instead of on a port.
        renames: what arrives in place of what is said, of the same length.
    """

    def __init__(
        self,
        target: str | tuple[str, int],
        *,
        latency_seconds: float = 0.0,
        breaks_after_bytes: int | None = None,
        held_up: bytes | None = None,
        tls: ssl.SSLContext | None = None,
        path: Path | None = None,
        renames: tuple[bytes, bytes] = (b"", b""),
    ) -> None:
        self._target = target
        self._latency_seconds = latency_seconds
        self._left_bytes = breaks_after_bytes
        self._held_up = held_up
        self._tls = tls
        self._renames = renames
        if path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Break the link: nobody gets through any more, nor do those who were."""
        for end in [self._listener, *self._ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # cut
            if self._tls:
                try:
                    near = self._tls.wrap_socket(near, server_side=True)
                except OSError:
                    continue  # that was somebody who speaks no TLS, or not ours
            far = socket.socket(socket.AF_UNIX if isinstance(self._target, str) else socket.AF_INET)
            far.connect(self._target)
            self._ends += [near, far]
            threading.Thread(target=self._there, args=(near, far), daemon=True).start()
            threading.Thread(target=self._back, args=(far, near), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while content := near.recv(_CHUNK_BYTES):
                if self._held_up and self._held_up in content.partition(b"\r\n")[0]:
                    time.sleep(1)
                far.sendall(content.replace(*self._renames) if self._renames[0] else content)
            far.shutdown(socket.SHUT_WR)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while True:
                select.select([far], [], [])
                time.sleep(self._latency_seconds)
                content = far.recv(_CHUNK_BYTES)
                if not content:
                    break
                if self._left_bytes is not None:
                    self._left_bytes -= len(content)
                    if self._left_bytes < 0:
                        self.cut()
                near.sendall(content)
            near.shutdown(socket.SHUT_WR)


@contextmanager
def engine_elsewhere(
    *, latency_seconds: float = 0.0, held_up: bytes | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[Link, dict[str, str]]]:
    """Yield a link to the engine, and the environment in which drtool finds the engine at its other end."""
    link = Link(_engine(), latency_seconds=latency_seconds, held_up=held_up, tls=tls)
    try:
        yield link, {"DOCKER_HOST": f"tcp://127.0.0.1:{link.port}"}
    finally:
        link.cut()


@contextmanager
def engine_that_sees(folder: Path, renames: tuple[str, str]) -> Iterator[dict[str, str]]:
    """Yield the environment in which drtool finds this host's engine, for which a path is another one.

    So it is where drtool has mounts of its own: in a container with the host's name, or as a service with PrivateTmp.
    """
    path = folder / "engine.sock"
    link = Link(_engine(), path=path, renames=(renames[0].encode(), renames[1].encode()))
    try:
        yield {"DOCKER_HOST": f"unix://{path}"}
    finally:
        link.cut()


def _engine() -> str:
    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if not host.startswith("unix://"):
        raise RuntimeError(f"these tests need an engine with a local socket, not {host}")
    return host.removeprefix("unix://")
