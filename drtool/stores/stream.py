"""Bytes that come in pieces, whatever gives them, as a stream."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = filter(None, pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._rest or memoryview(next(self._pieces, b""))
        count = min(len(piece), len(buffer))
        buffer[:count], self._rest = piece[:count], piece[count:]
        return count


def stream_of(pieces: Iterable[bytes]) -> io.BufferedReader:
    """Return a stream of all pieces, one behind the other; none is taken before it is needed."""
    return io.BufferedReader(_Pieces(pieces), 64 * 1024)
