"""Byte streams to processes inside containers, over any transport the engine is reached by."""

from __future__ import annotations

import contextlib
import io
import socket
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import docker
from docker.models.containers import Container

_HEADER_BYTES = 8
_STDOUT = 1


class _StdoutReader(io.RawIOBase):
    """The standard output of an exec, taken out of Docker's framing.

    Each frame has eight bytes of header: stream number, three zero bytes, length as a big-endian integer
    (Docker Engine API, "Attach to a container", stream format). Frames of standard error are passed over.
    """

    def __init__(self, stream: Any) -> None:
        self._read = _reading_end(stream)
        self._left = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self._left == 0:
            header = self._exactly(_HEADER_BYTES)
            if not header:
                return 0
            length = int.from_bytes(header[4:], "big")
            if header[0] == _STDOUT:
                self._left = length
            else:
                self._exactly(length)
        data = self._read(min(self._left, len(buffer)))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def _exactly(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count and (part := self._read(count)):
            parts.append(part)
            count -= len(part)
        return b"".join(parts) if not count else b""


def _reading_end(stream: Any) -> Callable[[int], bytes]:
    """Return the function that reads from what `exec_start(socket=True)` gives.

    docker-py gives the bare socket below the buffer that it read the response's head through. Where the process was
    quick, or we were slow, its first output is in that buffer already, and would be lost.
    """
    response = getattr(stream, "_response", None)
    buffered = getattr(getattr(getattr(response, "raw", None), "_fp", None), "fp", None)
    if isinstance(buffered, io.BufferedReader):
        return buffered.read1
    read: Callable[[int], bytes] = getattr(stream, "_sock", stream).recv
    return read


def _hang_up(stream: Any) -> None:
    """End a connection for good.

    Closing what docker-py gives leaves the socket below it open. A process whose output nobody takes any more then
    stays blocked, and the engine waits for it when the container is to be removed: 20 s of it (Docker 20.10).
    """
    if getattr(stream, "closed", False):
        return
    with contextlib.suppress(OSError):
        getattr(stream, "_sock", stream).shutdown(socket.SHUT_RDWR)
    stream.close()


class ExecSocket:
    """The two directions of a process in a container, in the shape of the socket PyMySQL wants."""

    def __init__(self, client: docker.DockerClient, container: Container, command: list[str]) -> None:
        created = client.api.exec_create(container.id, command, stdin=True, stdout=True, stderr=False)
        stream = client.api.exec_start(created["Id"], socket=True)
        self._stream = stream
        self._socket: Any = getattr(stream, "_sock", stream)
        self._reader = io.BufferedReader(_StdoutReader(stream), 64 * 1024)

    def makefile(self, mode: str) -> BinaryIO:
        """Return the reading direction; `mode` is always `rb`."""
        del mode
        return self._reader

    def sendall(self, data: bytes) -> None:
        """Write all of `data` to the process."""
        self._socket.sendall(data)

    def settimeout(self, seconds: float | None) -> None:
        """Bound the wait for each read and write."""
        self._socket.settimeout(seconds)

    def setsockopt(self, *arguments: object) -> None:
        """Accept and ignore TCP options: this is no TCP connection."""

    def close(self) -> None:
        """Close both directions."""
        _hang_up(self._stream)


def lines(client: docker.DockerClient, exec_id: str, given: bytes = b"") -> Iterator[str]:
    """Start an exec and yield the lines of its standard output as they come, undecodable bytes replaced.

    What is `given` goes to its standard input, which stays open: no transport closes one direction alone.
    """
    stream = client.api.exec_start(exec_id, socket=True)
    try:
        raw: Any = getattr(stream, "_sock", stream)
        # No timeout: a restore may be silent for as long as it likes; the drill's time limit bounds it.
        raw.settimeout(None)
        if given:
            raw.sendall(given)
        reader = io.BufferedReader(_StdoutReader(stream))
        for line in reader:
            yield line.decode("utf-8", "replace").rstrip("\n")
    finally:
        _hang_up(stream)
