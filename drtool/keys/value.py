"""A private key that a variable holds itself, as CI systems hand out secrets: it goes into memory, and nowhere else."""

from __future__ import annotations

import base64
import binascii
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "DRTOOL_SIGNING_KEY"

# Whatever became of its line ends on the way: blanks, or the two signs \ and n.
_KEY = re.compile(r"(-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----)(.+?)(-----END (?:[A-Z]+ )?PRIVATE KEY-----)", re.DOTALL)

_ESCAPED_END = re.compile(r"\\[rn]")


@dataclass(frozen=True)
class KeyInMemory:
    """A private key in a file of memory alone.

    Attributes:
        handle: its file descriptor, which a program that is to read it has to be given.
        path: where that program, and this one, find it.
    """

    handle: int
    path: Path


_taken: list[KeyInMemory] = []


def key_in_environment() -> KeyInMemory | None:
    """Return the private key that `DRTOOL_SIGNING_KEY` holds itself, or None where it does not or no file is in memory.

    The variable is taken out of this process's environment, so that no program that it starts has the key.
    """
    content = _text(os.environ.get(VARIABLE, ""))
    if content is not None and hasattr(os, "memfd_create"):
        handle = os.memfd_create("key")
        os.fchmod(handle, 0o600)  # ssh-keygen takes none that others may read
        os.write(handle, content)
        del os.environ[VARIABLE]
        _taken[:] = [KeyInMemory(handle, Path(f"/proc/self/fd/{handle}"))]
    elif VARIABLE in os.environ:  # another one, by now
        _taken.clear()
    return _taken[0] if _taken else None


def forget_key() -> None:
    """Take the key out of this process, which has no business with it: it was forked from one that has."""
    key_in_environment()
    for one in _taken:
        os.close(one.handle)
    _taken.clear()


def _text(value: str) -> bytes | None:
    """Return a private key as its file would have it, or None where the value is none."""
    with suppress(binascii.Error, UnicodeError, ValueError):
        value = base64.b64decode("".join(value.split()), validate=True).decode("ascii")
    if not (found := _KEY.search(value)):
        return None
    begin, body, end = found.groups()
    return "\n".join([begin, *_ESCAPED_END.sub(" ", body).split(), end, ""]).encode()
