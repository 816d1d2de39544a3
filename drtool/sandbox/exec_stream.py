"""Byte streams to processes inside containers, over any transport the engine is reached by."""

from __future__ import annotations

import contextlib
import io
import os
import socket
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache
from typing import Any, BinaryIO

import docker
from docker.models.containers import Container
from docker.utils.socket import STDOUT, frames_iter

from drtool.errors import Unverifiable
from drtool.stores.stream import stream_of

_LONGEST_LINE_BYTES = 1 << 24
"""No script of ours says as much in one line."""


@cache
def _always_ready() -> int:
    return os.open(os.devnull, os.O_RDONLY)


class _Incoming:
    """What `docker.utils.socket` reads from: the output of an exec, as `exec_start(socket=True)` gives it.

    docker-py gives the bare socket below the buffer that it read the response's head through. Where the process was
    quick, or we were slow, its first output is in that buffer already, and would be lost.
    """

    def __init__(self, stream: Any) -> None:
        response = getattr(stream, "_response", None)
        buffered = getattr(getattr(getattr(response, "raw", None), "_fp", None), "fp", None)
        if isinstance(buffered, io.BufferedReader):
            self.recv: Callable[[int], bytes] = buffered.read1
        else:
            self.recv = _socket_of(stream).recv

    def fileno(self) -> int:
        """Return what is always ready: docker-py waits for it without a limit, and `recv` keeps to the timeout."""
        return _always_ready()


def _stdout(found: Iterable[tuple[int, bytes]]) -> io.BufferedReader:
    """Return the standard output of an exec, taken out of Docker's framing; standard error is passed over."""
    return stream_of(piece for number, piece in found if number == STDOUT)


def _socket_of(stream: Any) -> Any:
    """Return the socket itself, which can write and time out, below what docker-py gives."""
    return getattr(stream, "_sock", stream)


def _hang_up(stream: Any) -> None:
    """End a connection for good.

    Closing what docker-py gives leaves the socket below it open. A process whose output nobody takes any more then
    stays blocked, and the engine waits for it when the container is to be removed: 20 s of it (Docker 20.10).
    """
    if getattr(stream, "closed", False):
        return
    with contextlib.suppress(OSError):
        _socket_of(stream).shutdown(socket.SHUT_RDWR)
    # With the response that lies above it, which would complain later that it cannot flush (Python 3.13).
    getattr(stream, "_response", stream).close()
    stream.close()


class ExecSocket:
    """The two directions of a process in a container, in the shape of the socket PyMySQL wants."""

    def __init__(
        self,
        client: docker.DockerClient,
        container: Container,
        command: list[str],
        *,
        broken: Callable[[], None] = lambda: None,
    ) -> None:
        created = client.api.exec_create(container.id, command, stdin=True, stdout=True, stderr=False)
        stream = client.api.exec_start(created["Id"], socket=True)
        self._stream = stream
        self._bound_seconds: float | None = None
        self._left_bytes: int | None = None
        self._broken = broken
        self._socket = _socket_of(stream)
        self._reader = _stdout(self._taken(frames_iter(_Incoming(stream), tty=False)))  # type: ignore[no-untyped-call]

    def makefile(self, mode: str) -> BinaryIO:
        """Return the reading direction; `mode` is always `rb`."""
        del mode
        return self._reader

    def sendall(self, data: bytes) -> None:
        """Write all of `data` to the process."""
        try:
            self._socket.sendall(data)
        except OSError:
            self._broken()
            raise

    def settimeout(self, seconds: float | None) -> None:
        """Bound the wait for each read and write; None waits for as long as `bound` lets it."""
        self._socket.settimeout(self._bound_seconds if seconds is None else seconds)

    def bound(self, seconds: float | None) -> None:
        """Bound each wait that nobody else does: PyMySQL takes its own limits off while it still connects."""
        self._bound_seconds = seconds
        self._socket.settimeout(seconds)

    def bound_answer(self, size_bytes: int) -> None:
        """Bound how much of what the process says from now on is taken."""
        self._left_bytes = size_bytes

    def setsockopt(self, *arguments: object) -> None:
        """Accept and ignore TCP options: this is no TCP connection."""

    def close(self) -> None:
        """Close both directions."""
        _hang_up(self._stream)

    def _taken(self, found: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """Yield what comes, up to its bound; where it breaks off, whoever made this may know why."""
        try:
            for number, piece in found:
                if self._left_bytes is not None:
                    self._left_bytes -= len(piece)
                    if self._left_bytes < 0:
                        raise _too_large()
                yield number, piece
        except OSError:
            self._broken()
            raise
        self._broken()


def frames(
    client: docker.DockerClient, exec_id: str, given: bytes = b"", bound: float | None = None
) -> Generator[tuple[int, bytes], None, None]:
    """Start an exec and yield what it prints as it comes: 1 or 2, for standard output or error, and the bytes.

    docker-py's own `exec_start` loses the first of it where the engine sends it along with its answer's head, and then
    takes the rest apart in the wrong places. What is `given` goes to its standard input, which stays open: no transport
    closes one direction alone.
    """
    stream = client.api.exec_start(exec_id, socket=True)
    try:
        raw = _socket_of(stream)
        # In seconds. None for a restore: it may be silent as long as it likes; the drill's time limit bounds it.
        raw.settimeout(bound)
        if given:
            raw.sendall(given)
        yield from frames_iter(_Incoming(stream), tty=False)  # type: ignore[no-untyped-call]
    finally:
        _hang_up(stream)


def lines(client: docker.DockerClient, exec_id: str, given: bytes = b"", bound: float | None = None) -> Iterator[str]:
    """Start an exec as `frames` does and yield the lines of its standard output, undecodable bytes replaced."""
    with contextlib.closing(frames(client, exec_id, given, bound)) as found:
        said = _stdout(found)
        while line := said.readline(_LONGEST_LINE_BYTES + 1):
            if len(line) > _LONGEST_LINE_BYTES:
                raise _too_large()
            yield line.decode("utf-8", "replace").rstrip("\n")


def _too_large() -> Unverifiable:
    return Unverifiable("answer-too-large", "What a program in the sandbox says is more than drtool takes")
