"""Reads files that may have been put there to do harm: no links, no devices, no pipes, and none without end.

And makes text that may be as bad fit to be shown.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_CHUNK_BYTES = 1 << 20

DOCUMENT_LIMIT_BYTES = 64 << 20
"""What a report may have at most; a real one has some hundred kilobytes."""

LIMIT_BYTES = 1 << 30
"""What any other file of the evidence may have at most."""


class NotPlain(Exception):
    """A file is not what it must be.

    Args:
        what: what it is instead, to follow the file's name.
        missing: whether it is not there at all.
        refused: whether this account may not read it, so that nothing can be told of it.
    """

    def __init__(self, what: str, *, missing: bool = False, refused: bool = False) -> None:
        super().__init__(what)
        self.missing, self.refused = missing, refused


@contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """Open a folder that is none by way of a link.

    Raises:
        NotPlain: it is something else, or cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _not_plain(path, error, None) from error
    try:
        yield handle
    finally:
        os.close(handle)


def read(name: str | Path, *, limit_bytes: int, folder: int | None = None) -> bytes:
    """Return a plain file's bytes.

    Args:
        name: the file, in the open folder where one is given.
        limit_bytes: the size from which it is refused.
        folder: from `open_folder`.

    Raises:
        NotPlain: it is no plain file, too large, or cannot be read.
    """
    return b"".join(_chunks(name, limit_bytes, folder))


def sha256(name: str | Path, *, limit_bytes: int = LIMIT_BYTES, folder: int | None = None) -> str:
    """Return a plain file's digest in hex.

    Raises:
        NotPlain: it is no plain file, too large, or cannot be read.
    """
    digest = hashlib.sha256()
    for chunk in _chunks(name, limit_bytes, folder):
        digest.update(chunk)
    return digest.hexdigest()


def visible(name: str) -> str:
    r"""Return a name so that nothing in it can pass for something else.

    Letters beyond ASCII (a Cyrillic one may look like a Latin one), control characters and bytes that are no text are
    written as escapes.
    """
    return ascii(name)[1:-1]


def printable(text: str) -> str:
    r"""Return text so that nothing in it can steer a terminal, a page or a log, or look like a line of its own.

    Whatever has no glyph of its own (control characters and with them escape sequences and line ends, characters
    that turn the direction of writing, invisible ones, bytes that are no text) is written as an escape: `\x1b`.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or unicodedata.category(one) == "Zs" else one.encode("unicode_escape").decode()
        for one in text
    )


def _chunks(name: str | Path, limit_bytes: int, folder: int | None) -> Iterator[bytes]:
    try:
        # O_NONBLOCK: opening a pipe would otherwise wait for its other end.
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except (OSError, ValueError) as error:
        raise _not_plain(name, error, folder) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise NotPlain("is a folder, not a file" if stat.S_ISDIR(found.st_mode) else "is not a plain file")
        if found.st_size > limit_bytes:
            raise NotPlain(f"is too large to be read ({found.st_size / 2**20:.0f} MiB)")
        left = limit_bytes + 1
        while left > 0 and (chunk := os.read(handle, min(_CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
        if left <= 0:
            raise NotPlain("grows while it is read")
    except OSError as error:
        raise NotPlain(f"cannot be read: {error.strerror}") from error
    finally:
        os.close(handle)


def _not_plain(name: str | Path, error: OSError | ValueError, folder: int | None) -> NotPlain:
    if isinstance(error, FileNotFoundError):
        return NotPlain("is missing", missing=True)
    with suppress(OSError, ValueError):
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return NotPlain("is a symbolic link")
    if isinstance(error, NotADirectoryError):
        return NotPlain("is not a folder")
    what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return NotPlain(what, refused=isinstance(error, PermissionError))
