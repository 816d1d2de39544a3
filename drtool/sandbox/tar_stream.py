"""A tar archive as a stream into a container: made of what a store gives, never holding more than a chunk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator

END = b"\0" * 2 * tarfile.BLOCKSIZE
"""What an archive ends with."""


def member(name: str, size_bytes: int, content: Iterable[bytes], *, mode: int = 0o400) -> Iterator[bytes]:
    """Yield one file of an archive: its head, its content as it comes, and what fills up its last block."""
    head = tarfile.TarInfo(name)
    head.size, head.mode = size_bytes, mode
    yield head.tobuf(tarfile.GNU_FORMAT)
    yield from content
    yield b"\0" * (-size_bytes % tarfile.BLOCKSIZE)
